// SPDX-License-Identifier: Apache-2.0
// How long it takes until the page has drawn the first picture of a VNC server,
// and, after a key, the picture that the key has changed; beside plain noVNC,
// whose keys go to the VNC server. The guest, which has no time of its own here,
// is vinput-monitor: what it receives makes the VNC server change its picture.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { atEnd, directory, end, Guest, launch, openBrowser, sleep, stream,
	 until } from './rig.mjs';
import { Vnc } from './vnc.mjs';

const LOADS = 7, KEYS = 100;
const GAP_MS = 30;
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'; /* RFC 6455 §1.3 */
const NOVNC = resolve('build/novnc/node_modules/@novnc/novnc');
const PLAIN = `<!doctype html><title>noVNC</title><div id="s"></div>
<script type="module">
import RFB from '/novnc/core/rfb.js';
window.rfb = new RFB(document.getElementById('s'),
		     'ws://' + location.host + '/', {});
rfb.scaleViewport = true;
</script>`;

const median = list => [...list].sort((a, b) => a - b)[list.length >> 1];

// --- plain noVNC: its files, and a relay that changes nothing ---

// Frames of a client: whole ones, up to 64 KiB.
function unmask(bytes, take)
{
	for (;;) {
		const long = (bytes[1] & 0x7f) === 126;
		const head = long ? 8 : 6;

		if (bytes.length < head)
			return bytes;
		const length = long ? bytes.readUInt16BE(2) : bytes[1] & 0x7f;

		if (bytes.length < head + length)
			return bytes;
		const mask = bytes.subarray(head - 4, head);

		if ((bytes[0] & 15) === 2)
			take(bytes.subarray(head, head + length).map(
				(v, i) => v ^ mask[i % 4]));
		bytes = bytes.subarray(head + length);
	}
}

// Of a binary message; its length MUST be as short as it can.
function frameHead(length)
{
	if (length < 126)
		return Buffer.from([0x82, length]);
	if (length < 65536)
		return Buffer.from([0x82, 126, length >> 8, length & 255]);
	const head = Buffer.alloc(10);

	head.set([0x82, 127]);
	head.writeBigUInt64BE(BigInt(length), 2);
	return head;
}

function relay(request, socket, path)
{
	const accept = createHash('sha1')
		.update(request.headers['sec-websocket-key'] + GUID)
		.digest('base64');
	const vnc = connect(path);
	let rest = Buffer.alloc(0);

	socket.setNoDelay();
	socket.write('HTTP/1.1 101 Switching Protocols\r\n' +
		     'Upgrade: websocket\r\nConnection: Upgrade\r\n' +
		     `Sec-WebSocket-Accept: ${accept}\r\n\r\n`);
	vnc.on('data', data => socket.write(
		Buffer.concat([frameHead(data.length), data])));
	socket.on('data', data => {
		rest = unmask(Buffer.concat([rest, data]),
			      payload => vnc.write(payload));
	});
	for (const [from, to] of [[vnc, socket], [socket, vnc]])
		from.on('close', () => to.destroy()).on('error', () => {});
}

async function servePlain(path)
{
	const server = createServer(({ url }, response) => {
		const isFile = url.startsWith('/novnc/');

		response.setHeader('content-type',
				   isFile ? 'text/javascript' : 'text/html');
		response.end(isFile ? readFileSync(join(NOVNC, url.slice(6)))
				    : PLAIN);
	});

	server.on('upgrade', (request, socket) => relay(request, socket, path));
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	atEnd(() => server.close());
	return `http://127.0.0.1:${server.address().port}/`;
}

// --- measuring ---

// Run it in a page before its scripts: when the canvas that is seen was drawn.
function watchDrawing()
{
	const { drawImage } = CanvasRenderingContext2D.prototype;

	window.drawn = [];
	CanvasRenderingContext2D.prototype.drawImage = function(...args) {
		drawImage.apply(this, args);
		if (this.canvas.isConnected)
			window.drawn.push(performance.now());
	};
	addEventListener('keydown', () => {
		window.pressed = performance.now();
		window.drawn = [];
	}, true);
}

async function openPage(context, url)
{
	const page = await context.newPage();

	await page.addInitScript(watchDrawing);
	await page.goto(url);
	await page.waitForFunction(() => window.drawn.length);
	return page;
}

async function firstPaint(context, url)
{
	const page = await openPage(context, url);
	const took = await page.evaluate(() => window.drawn[0]);

	await page.close();
	return took;
}

async function keyToPicture(page)
{
	const took = [];

	for (let i = 0; i < KEYS; i++) {
		await page.keyboard.down('a');
		await page.waitForFunction(() => window.drawn.length, null,
					   { polling: 5 });
		took.push(await page.evaluate(
			() => window.drawn[0] - window.pressed));
		await page.keyboard.up('a');
		await sleep(GAP_MS);
	}
	return median(took);
}

async function measure(browser, name, url, focus)
{
	const context = await browser.newContext();
	const paints = [];

	/* The first one trades the token, and fills caches. */
	await firstPaint(context, url);
	for (let i = 0; i < LOADS; i++)
		paints.push(await firstPaint(context, url));
	const page = await openPage(context, url);

	await focus(page);
	const key = await keyToPicture(page);

	console.log(`${name.padEnd(14)} first picture ` +
		    `${median(paints).toFixed(0)} ms, key to picture ` +
		    `${key.toFixed(1)} ms`);
	await context.close();
}

const path = join(directory(), 'vnc');
const vnc = new Vnc(path);
const dir = await launch('--keyboard', '--mouse');
const guest = new Guest(`${dir}/keyboard.sock`, `${dir}/mouse.sock`);
const { urls } = await stream(dir, `--display=unix:${path}`);
const { browser } = await openBrowser();
let shift = 0;

await vnc.start();
await until(() => guest.seen.size === 2);
guest.onKey = vnc.onKey = () => vnc.paint(++shift);
await measure(browser, 'noVNC', await servePlain(path),
	      page => page.evaluate(() => window.rfb.focus()));
await measure(browser, 'vinput-stream', urls[0], page => page.focus('#area'));
await end();
process.exit(0);
