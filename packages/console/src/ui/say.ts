/** Short notes at the edge of the screen: done, or refused with the server's words. */
import { notifications } from '@mantine/notifications';

export function sayDone(message: string): void {
  notifications.show({ message, autoClose: 3500 });
}

export function sayFailure(error: Error): void {
  notifications.show({ color: 'red', title: 'That did not work', message: error.message, autoClose: 12_000 });
}
