/** Retries an incident and reads anew what shows it. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { retryIncident } from '../api/camunda.ts';
import { sayDone, sayFailure } from '../ui/say.ts';

export function useRetry() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: retryIncident,
    onSuccess: () => sayDone('It tries again.'),
    onError: sayFailure,
    onSettled: () => {
      void client.invalidateQueries({ queryKey: ['process'] });
      void client.invalidateQueries({ queryKey: ['incidents'] });
    },
  });
}
