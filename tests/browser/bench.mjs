// SPDX-License-Identifier: Apache-2.0
// How long a key takes from its handler in the page until the guest's driver
// has its event, by WebRTC and by WebSocket, beside a bare echo: the time from a
// handler until a WebSocket's message is back in the page.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { atEnd, end, Guest, hasNetwork, launch, open, openBrowser, sleep,
	 stream, until } from './rig.mjs';

const COUNT = 300;
const GAP_MS = 10;
const AT_MOST = 1.5; /* times the echo */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'; /* RFC 6455 §1.3 */

const median = list => [...list].sort((a, b) => a - b)[list.length >> 1];

// Short frames, of which each comes alone: the client waits for the answer.
function echoFrames(request, socket)
{
	const accept = createHash('sha1')
		.update(request.headers['sec-websocket-key'] + GUID)
		.digest('base64');

	socket.setNoDelay();
	socket.write('HTTP/1.1 101 Switching Protocols\r\n' +
		     'Upgrade: websocket\r\nConnection: Upgrade\r\n' +
		     `Sec-WebSocket-Accept: ${accept}\r\n\r\n`);
	socket.on('data', frame => {
		const length = frame[1] & 0x7f;
		const mask = frame.subarray(2, 6);
		const answer = Buffer.alloc(2 + length);

		answer[0] = frame[0];
		answer[1] = length;
		for (let i = 0; i < length; i++)
			answer[2 + i] = frame[6 + i] ^ mask[i % 4];
		socket.write(answer);
	});
	socket.on('error', () => {});
}

async function measureEcho(browser)
{
	const server = createServer((request, response) => {
		response.setHeader('content-type', 'text/html');
		response.end('<!doctype html><title>echo</title>');
	});

	server.on('upgrade', echoFrames);
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	atEnd(() => server.close());
	const page = await browser.newPage();
	const address = `127.0.0.1:${server.address().port}`;

	await page.goto(`http://${address}/`);
	const times = await page.evaluate(async ([host, count, gap]) => {
		const socket = new WebSocket(`ws://${host}/`);
		const took = [];
		const message = JSON.stringify(
			{ type: 'key', code: 'KeyA', down: true });

		await new Promise(resolve => socket.onopen = resolve);
		for (let i = 0; i < count; i++) {
			await new Promise(resolve => setTimeout(resolve, gap));
			const start = performance.now();
			const back = new Promise(
				resolve => socket.onmessage = resolve);

			socket.send(message);
			await back;
			took.push(performance.now() - start);
		}
		socket.close();
		return took;
	}, [address, COUNT, GAP_MS]);

	await page.close();
	return times;
}

// Both clocks are the wall's: the page's began with its navigation.
async function measureKeys(page, guest)
{
	const took = [];

	await page.evaluate(() => area.addEventListener('keydown', () => {
		window.pressed = performance.timeOrigin + performance.now();
	}, true));
	for (let i = 0; i < COUNT; i++) {
		await page.keyboard.down('a');
		await guest.expect('keyboard', 'KEY_A 1');
		const came = guest.time * 1000;

		took.push(came - await page.evaluate(() => window.pressed));
		await page.keyboard.up('a');
		await guest.expect('keyboard', 'KEY_A 0');
		await sleep(GAP_MS);
	}
	return took;
}

async function main()
{
	const dir = await launch('--keyboard', '--mouse');
	const guest = new Guest(`${dir}/keyboard.sock`, `${dir}/mouse.sock`);
	const { browser } = await openBrowser();
	const ways = { WebSocket: [] };
	let good = true;

	if (hasNetwork)
		ways.WebRTC = ['--rtc-address=127.0.0.1'];
	await until(() => guest.seen.size === 2);
	const echo = median(await measureEcho(browser));

	console.log(`echo       ${echo.toFixed(2)} ms`);
	for (const [way, options] of Object.entries(ways)) {
		const { urls } = await stream(dir, ...options);
		const page = await open(browser, urls[0], way);
		const took = median(await measureKeys(page, guest));
		const ratio = took / echo;

		good &&= ratio <= AT_MOST;
		console.log(`${way.padEnd(10)} ${took.toFixed(2)} ms, ` +
			    `${ratio.toFixed(2)} x: ` +
			    (ratio <= AT_MOST ? 'good' : 'TOO MUCH') +
			    `, at most ${AT_MOST}`);
	}
	return good ? 0 : 1;
}

const status = await main();

await end();
process.exit(status);
