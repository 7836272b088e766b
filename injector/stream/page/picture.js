/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The picture of a display, below what is touched: noVNC draws it, and sends
 * nothing of a user's. It is connected again until there is one.
 */
import { on } from './link.js';
import { showPicture } from './surface.js';
import { texts } from './texts.js';

const RETRY_MS = 1000;
const at = id => document.getElementById(id);
const picture = at('picture'), none = at('noPicture');

let RFB; /* noVNC, loaded when there is a display */
let shown = null; /* { number, socket, rfb } */
let chosen = null; /* the number of a display */
let retry;

function say(text)
{
	none.hidden = !text;
	if (none.textContent !== text)
		none.textContent = text;
}

/* --- one connection --- */

/* Its size changes when the guest's does. */
function follow(canvas)
{
	const tell = () => showPicture(canvas.width && canvas);

	new MutationObserver(tell).observe(canvas,
		{ attributeFilter: ['width', 'height'] });
	tell();
}

function onEnd(connection, reason)
{
	if (connection !== shown)
		return;
	say(texts.noPicture(reason));
	showPicture(null);
	retry = setTimeout(() => show(connection.number), RETRY_MS);
}

function show(number)
{
	const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';
	const socket = new WebSocket(
		`${scheme}//${location.host}/display/${number}`,
		'vinput.display.1');
	const connection = { number, socket };

	hide();
	shown = connection;
	socket.addEventListener('close', e => onEnd(connection, e.reason));
	connection.rfb = new RFB(picture, socket);
	connection.rfb.viewOnly = true;
	connection.rfb.focusOnClick = false;
	connection.rfb.addEventListener('connect', () => {
		say('');
		follow(picture.querySelector('canvas'));
	});
}

function hide()
{
	const { socket, rfb } = shown || {};

	clearTimeout(retry);
	shown = null;
	if (!rfb)
		return;
	if (socket.readyState < WebSocket.CLOSING)
		rfb.disconnect();
	picture.replaceChildren();
}

/* --- which one --- */

on('display', async number => {
	chosen = number;
	if (number === null)
		return;
	RFB ??= (await import('./novnc/core/rfb.js')).default;
	if (number === chosen && number !== shown?.number)
		show(number);
});
on('closed', () => {
	chosen = null;
	hide();
	say('');
	showPicture(null);
});
