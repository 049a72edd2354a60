import { render } from 'preact';
import { App } from './app.tsx';
import { applyTheme } from './lib/theme.ts';
import { resume } from './session.ts';
import './styles/index.css';

applyTheme();
const root = document.getElementById('app');
if (root !== null) render(<App />, root);
void resume();
