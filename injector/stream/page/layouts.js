/* SPDX-License-Identifier: Apache-2.0 */
/* The guest's keyboard layout, in which texts are typed; remembered here. */
import { on, sendMessage } from './link.js';
import { recall, remember } from './memory.js';
import { texts } from './texts.js';

const select = document.getElementById('layout');

/* '': the one that vinput-stream was started with. */
export const chosenLayout = () => select.value;

function offer(layouts)
{
	const wanted = select.value || recall('layout');
	const sorted = [...layouts].sort(
		([, a], [, b]) => a.localeCompare(b));

	select.replaceChildren(select.options[0], ...sorted.map(
		([name, text]) => new Option(text, name)));
	if (layouts.some(([name]) => name === wanted))
		select.value = wanted;
}

on('hello', m => {
	if (!select.options.length)
		select.append(new Option('', ''));
	select.options[0].textContent = texts.usualLayout(m.layout);
	sendMessage({ type: 'layouts' });
});
on('layouts', offer);
select.addEventListener('change', () => remember('layout', select.value));
