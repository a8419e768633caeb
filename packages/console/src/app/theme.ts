/** The look: cool greys, one petrol accent, small and dense. Colours that Mantine does not know are in colours.css. */
import { createTheme, type MantineColorsTuple } from '@mantine/core';

const petrol: MantineColorsTuple = [
  '#e8f6f5',
  '#d3ebe9',
  '#a6d6d2',
  '#74c0ba',
  '#4bada6',
  '#2f9f98',
  '#1b8d86',
  '#0e7771',
  '#0a625d',
  '#034d49',
];

/** Text to background of the dark scheme. */
const dark: MantineColorsTuple = [
  '#dde3e6',
  '#b4bec4',
  '#8d99a1',
  '#5c6870',
  '#3a444b',
  '#2a3238',
  '#1d2429',
  '#151b1f',
  '#101518',
  '#0b0f11',
];

export const theme = createTheme({
  primaryColor: 'petrol',
  primaryShade: { light: 7, dark: 6 },
  colors: { petrol, dark },
  defaultRadius: 'sm',
  fontFamily: "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', 'Cascadia Mono', 'Liberation Mono', monospace",
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.125rem' },
  cursorType: 'pointer',
  components: {
    Button: { defaultProps: { size: 'xs' } },
    TextInput: { defaultProps: { size: 'xs' } },
    Select: { defaultProps: { size: 'xs' } },
    Textarea: { defaultProps: { size: 'xs' } },
    SegmentedControl: { defaultProps: { size: 'xs' } },
    Modal: { defaultProps: { overlayProps: { backgroundOpacity: 0.4 }, transitionProps: { duration: 120 } } },
  },
});
