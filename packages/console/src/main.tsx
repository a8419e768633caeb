/** Starts the console in the page. */
import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import './app/colours.css';
import './app/words.css';
import './app/frame.css';
import './app/login.css';
import './ui/page.css';
import './overview/overview.css';
import './ui/tables.css';
import './processes/history.css';
import './events/feed.css';
import './decisions/decisions.css';
import './tasks/tasks.css';
import './ui/note.css';
import './ui/dialogs.css';
import './app/narrow.css';
import { createRoot } from 'react-dom/client';
import { App } from './app/app.tsx';

const root = document.getElementById('root');
if (!root) throw new Error('index.html lacks the element with id "root"');
createRoot(root).render(<App />);
