/* SPDX-License-Identifier: Apache-2.0 */
/* The line at the top, and the panel of devices and of what is held. */
import { held } from './held.js';
import { emit, link, on } from './link.js';
import { errorText, texts } from './texts.js';
import { isTypingLong } from './typing.js';

const ERROR_MS = 10000; /* an error is shown */
const at = id => document.getElementById(id);
const say = (id, text) => {
	if (at(id).textContent !== text)
		at(id).textContent = text;
};

/* --- errors --- */

let errorTimer;

function showError(text, ms)
{
	clearTimeout(errorTimer);
	say('error', text);
	if (ms)
		errorTimer = setTimeout(() => say('error', ''), ms);
}

on('note', text => showError(text, ERROR_MS));
on('error', error => showError(errorText(error), ERROR_MS));
on('closed', why => showError(why));
on('hello', ({ read_only }) => showError(read_only ? texts.mayOnlyLook : '',
					 ERROR_MS));
addEventListener('error', e => emit('error', e.message));

/* --- the connection --- */

on('way', way => {
	say('way', way);
	at('way').dataset.ok = link.devices.length > 0;
});
on('rtt', ({ ms }) => say('rtt', texts.ms(ms)));
on('closed', () => say('rtt', ''));

/* --- devices --- */

function describe(d)
{
	const item = document.createElement('li');
	const name = document.createElement('b');
	const roles = document.createElement('i');
	const driver = document.createElement('span');

	name.textContent = d.name || d.label;
	driver.textContent = texts.driver[d.driver];
	driver.dataset.driver = d.driver;
	roles.textContent = d.roles.map(r => texts.roles[r]).join(', ');
	item.append(name, ' ', roles, ' ', driver);
	return item;
}

function showDevices()
{
	const { devices } = link;
	const ready = devices.filter(d => d.driver);
	const leds = new Set(devices.flatMap(d => d.leds));

	at('devices').replaceChildren(...devices.map(describe));
	say('drivers', devices.length
		? texts.drivers(ready.length, devices.length)
		: texts.noDevices);
	at('way').dataset.ok = devices.length > 0;
	at('leds').replaceChildren(...Object.keys(texts.leds).map(led => {
		const lamp = document.createElement('span');

		lamp.textContent = texts.leds[led];
		lamp.dataset.on = leds.has(led);
		lamp.setAttribute('aria-hidden', !leds.has(led));
		return lamp;
	}));
}

on('devices', showDevices);
on('closed', showDevices);

/* --- who may only look --- */

const CONTROLS = ':is(#keys, #pointer, #pad, #switches) ' +
	':is(button, select, textarea), #soft, #back, #forth';
/* They are no controls of HTML's, which could be disabled. */
const OTHERS = '.stick, #dial';
let wasReadOnly = false;

/* With 'devices', others disable what lacks its device. */
function disableControls()
{
	if (link.readOnly || wasReadOnly)
		for (const control of document.querySelectorAll(CONTROLS))
			control.disabled = link.readOnly;
	for (const other of document.querySelectorAll(OTHERS))
		other.setAttribute('aria-disabled', link.readOnly);
	say('hint', link.readOnly ? texts.mayOnlyLook : texts.hint);
	wasReadOnly = link.readOnly;
}

on('hello', disableControls);
on('devices', () => queueMicrotask(() => link.readOnly && disableControls()));

/* --- what is held --- */

function heldTexts()
{
	const fingers = [...held.contacts.values()].reduce(
		(sum, set) => sum + set.size, 0);

	return [
		...held.keys,
		...[...held.buttons.values()].flatMap(set =>
			[...set].map(b => texts.buttons[b])),
		...fingers ? [texts.contacts(fingers)] : [],
		...held.pen ? [texts.penNear] : [],
		...[...held.pads].map(texts.padHeld),
	];
}

let typing = { done: 0, all: 0 };

function showHeld()
{
	const text = heldTexts().join(', ') || texts.nothingHeld;

	say('holding', isTypingLong() ? texts.typing(typing) : text);
	say('held', text);
}

on('held', showHeld);

/* --- what is being typed --- */

on('typing', progress => {
	typing = progress;
	at('progress').value = typing.all ? typing.done / typing.all : 0;
	at('progress').hidden = !isTypingLong();
	say('type', isTypingLong() ? texts.stop : texts.type);
	showHeld();
});

/* --- full screen --- */

const full = at('full');

full.hidden = !document.fullscreenEnabled;
full.addEventListener('click', async () => {
	if (document.fullscreenElement) {
		document.exitFullscreen();
		return;
	}
	await document.documentElement.requestFullscreen();
	at('area').focus();
	/* So that Esc, Alt+Tab and the like reach the page, where it can. */
	navigator.keyboard?.lock?.().catch(() => {});
});

showDevices();
showHeld();
