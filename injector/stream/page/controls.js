/* SPDX-License-Identifier: Apache-2.0 */
/* Switches and the rotary. */
import { link, sendMessage } from './link.js';
import { onWheel } from './pointer.js';
import { texts } from './texts.js';

const NOTCH = 120;
const at = id => document.getElementById(id);

function addSwitch([name, label])
{
	const button = document.createElement('button');

	button.type = 'button';
	button.id = name;
	button.textContent = label;
	button.setAttribute('role', 'switch');
	button.setAttribute('aria-checked', false);
	button.addEventListener('click', () => {
		const on = button.getAttribute('aria-checked') !== 'true';

		button.setAttribute('aria-checked', on);
		sendMessage({ type: 'switch', name, on });
	});
	at('switches').append(button);
}

function turn(y)
{
	if (y && !link.readOnly)
		sendMessage({ type: 'turn', y });
}

Object.entries(texts.switchNames).forEach(addSwitch);
at('back').addEventListener('click', () => turn(-NOTCH));
at('forth').addEventListener('click', () => turn(NOTCH));
at('dial').addEventListener('wheel', e => onWheel(e, (x, y) => turn(y)),
			    { passive: false });
at('dial').addEventListener('keydown', e => {
	const notch = { ArrowUp: -NOTCH, ArrowLeft: -NOTCH, ArrowDown: NOTCH,
			ArrowRight: NOTCH }[e.key];

	if (notch) {
		e.preventDefault();
		turn(notch);
	}
});
