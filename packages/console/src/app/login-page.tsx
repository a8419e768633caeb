/** Name and password, where the system asks everybody who he is. */
import { Alert, Button, PasswordInput, Stack, TextInput } from '@mantine/core';
import type { SessionReply } from '@procos/protocol';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { request } from '../api/http.ts';
import { Wordmark } from './wordmark.tsx';

export function LoginPage({ onLogin }: { readonly onLogin: (session: SessionReply) => void }) {
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const login = useMutation({
    mutationFn: () => request<SessionReply>('POST', '/api/session', { name, password }),
    onSuccess: onLogin,
    onError: () => setPassword(''),
  });
  function submit(event: FormEvent): void {
    event.preventDefault();
    login.mutate();
  }
  return (
    <main className="login">
      <form className="panel login-form" onSubmit={submit} aria-label="Log in">
        <Stack gap="md">
          <Wordmark />
          {login.error && (
            <Alert color="red" role="alert">
              {login.error.message}
            </Alert>
          )}
          <TextInput
            label="Name"
            autoComplete="username"
            required
            autoFocus
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <PasswordInput
            label="Password"
            autoComplete="current-password"
            required
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          <Button type="submit" loading={login.isPending}>
            Log in
          </Button>
        </Stack>
      </form>
    </main>
  );
}
