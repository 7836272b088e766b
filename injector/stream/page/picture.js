/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The picture of a VNC server's display, below what is touched: noVNC draws it,
 * and sends nothing of a user's; or it is a video, which the server makes of it.
 * The user chooses, where there are both. noVNC is connected again until there
 * is a picture.
 */
import { showCursor } from './cursor.js';
import { on } from './link.js';
import { recall, remember } from './memory.js';
import { streamOf, video } from './streams.js';
import { showPicture } from './surface.js';
import { texts } from './texts.js';

const RETRY_MS = 1000;
const USUAL = 'video'; /* the faster one: tests/bench/README.md */
const at = id => document.getElementById(id);
const picture = at('picture'), none = at('noPicture'), ways = at('pictureWay');

let RFB; /* noVNC, loaded when there is a display */
let canDraw = true; /* the server has noVNC */
let shown = null; /* { number, stream } or { number, socket, rfb } */
let chosen = null; /* the number of a display */
let way = recall('picture') || USUAL;
let retry;

function say(text)
{
	none.hidden = !text;
	if (none.textContent !== text)
		none.textContent = text;
}

function hide()
{
	const { socket, rfb } = shown || {};

	clearTimeout(retry);
	shown = null;
	showCursor(null);
	if (!rfb)
		return;
	if (socket.readyState < WebSocket.CLOSING)
		rfb.disconnect();
	picture.replaceChildren();
}

/* --- noVNC --- */

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
	retry = setTimeout(() => draw(connection.number), RETRY_MS);
}

function draw(number)
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
	/* noVNC's own would be on its canvas, which gets no events. */
	connection.rfb._refreshCursor = () =>
		showCursor(connection.rfb._cursorImage);
	connection.rfb.addEventListener('connect', () => {
		say('');
		follow(picture.querySelector('canvas'));
	});
}

/* --- video --- */

function play(number, stream)
{
	hide();
	shown = { number, stream };
	say('');
	showPicture(null, stream);
}

/* Also when the guest's screen has another size. */
at('video').addEventListener('resize', e => {
	const { videoWidth: width, videoHeight: height } = e.target;

	if (shown?.stream)
		showPicture(width && { width, height }, shown.stream);
});

/* --- which one, and how --- */

async function load()
{
	try {
		RFB ??= (await import('./novnc/core/rfb.js')).default;
	} catch {
		canDraw = false;
	}
}

async function show()
{
	const number = chosen;
	const stream = streamOf(number);

	ways.parentElement.hidden = !stream || !canDraw;
	ways.value = way;
	if (number === null)
		return;
	if ((way === 'video' || !canDraw) && (stream || video.mayCome)) {
		if (stream && stream !== shown?.stream)
			play(number, stream);
		return;
	}
	if (canDraw && !RFB) {
		await load();
		show(); /* meanwhile, all may have changed */
		return;
	}
	if (!canDraw) {
		say(texts.noPicture());
		showPicture(null);
	} else if (!shown?.rfb || number !== shown.number) {
		draw(number);
	}
}

on('display', number => {
	if (number !== chosen)
		hide();
	chosen = number;
	show();
});
on('streams', () => {
	if (shown?.stream && !streamOf(chosen))
		hide();
	show();
});
on('closed', () => {
	chosen = null;
	hide();
	say('');
	showPicture(null);
});

ways.replaceChildren(...Object.entries(texts.pictureWays).map(
	([value, text]) => new Option(text, value)));
ways.addEventListener('change', () => {
	way = ways.value;
	remember('picture', way);
	hide();
	showPicture(null);
	show();
});
