/** Light, dark, or as the system has it. */
import { ActionIcon, useMantineColorScheme } from '@mantine/core';
import { IconDeviceDesktop, IconMoon, IconSun } from '@tabler/icons-react';

const next = { auto: 'light', light: 'dark', dark: 'auto' } as const;
const names = { auto: 'as the system', light: 'light', dark: 'dark' } as const;
const icons = { auto: IconDeviceDesktop, light: IconSun, dark: IconMoon } as const;

export function SchemeToggle() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const Icon = icons[colorScheme];
  const label = `Colours: ${names[colorScheme]}. Change to ${names[next[colorScheme]]}`;
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="sm"
      aria-label={label}
      title={label}
      data-testid="scheme-toggle"
      onClick={() => setColorScheme(next[colorScheme])}
    >
      <Icon size={15} stroke={1.7} />
    </ActionIcon>
  );
}
