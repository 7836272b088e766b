// SPDX-License-Identifier: Apache-2.0
// The video of a touchscreen in Chromium, by a page of the test's own: it plays,
// and shows where a finger is.
import { runCase, skip } from './cases.mjs';
import { counter, hasNetwork, launch, openBrowser, runAll, stream,
	 until } from './rig.mjs';

const DISPLAY = { width: 720, height: 1280 };
const TOUCH = { x: 0.25, y: 0.75 };
const RIM = 29; /* pixels from the middle of a dot, where it is white */

// In the browser: take video, by the session of a WebSocket.
async function watch()
{
	const socket = new WebSocket(
		location.origin.replace('http', 'ws') + '/input', 'vinput.1');
	const video = document.createElement('video');
	const peer = new RTCPeerConnection();

	window.shown = video;
	window.tell = m => socket.send(JSON.stringify(m));
	await new Promise(opened => socket.onopen = opened);
	video.muted = video.autoplay = true;
	document.body.prepend(video); /* in sight, or it would not play */
	peer.ontrack = e => {
		video.srcObject = e.streams[0];
		window.streamId = e.streams[0].id;
	};
	peer.addTransceiver('video', { direction: 'recvonly' });
	peer.createDataChannel('vinput.1');
	await peer.setLocalDescription();
	const answered = new Promise(answer => {
		socket.onmessage = e => {
			const m = JSON.parse(e.data);

			if (m.type === 'answer')
				answer(m);
		};
	});

	tell({ type: 'hello', version: 1 });
	tell({ type: 'offer', sdp: peer.localDescription.sdp });
	const answer = await answered;

	await peer.setRemoteDescription(answer);
	return answer.sdp;
}

// In the browser: red, green and blue of a pixel of the video.
function pixel([x, y])
{
	const canvas = document.createElement('canvas');
	const context = canvas.getContext('2d');

	canvas.width = shown.videoWidth;
	canvas.height = shown.videoHeight;
	context.drawImage(shown, 0, 0);
	return [...context.getImageData(x, y, 1, 1).data].slice(0, 3);
}

async function playsAndShowsAFinger()
{
	if (!hasNetwork)
		skip('no network but loopback, where Chromium has no WebRTC');
	const dir = await launch(`--display=${DISPLAY.width}x${DISPLAY.height}`);
	const { urls, stats } = await stream(dir, '--rtc-address=127.0.0.1');
	const { browser } = await openBrowser();
	const page = await (await browser.newContext()).newPage();
	const x = Math.round(TOUCH.x * DISPLAY.width) + RIM;
	const y = Math.round(TOUCH.y * DISPLAY.height);

	await until(async () => await counter(stats, 'devices') === 1);
	await page.goto(urls[0]);
	await page.waitForSelector('#area');
	/* Of the same origin, and without a script. */
	await page.goto(new URL('/page.css', urls[0]).href);
	if (!(await page.evaluate(watch)).includes('a=sendonly'))
		skip('built without video');
	await page.waitForFunction(({ width, height }) =>
		shown.videoWidth === width && shown.videoHeight === height &&
		shown.currentTime > 0, DISPLAY);
	if (await page.evaluate(() => streamId) !== 'display_0')
		throw Error('the stream has another name');
	const isWhite = async () =>
		(await page.evaluate(pixel, [x, y])).every(c => c > 200);

	if (await isWhite())
		throw Error('there is a dot, but no finger');
	await page.evaluate(touch => tell({ type: 'touch', contacts: [
		{ id: 1, down: true, ...touch }] }), TOUCH);
	await until(isWhite);
	await page.context().close();
	await until(async () => await counter(stats, 'views') === 0);
}

await runAll(() => runCase('video_plays_and_shows_a_finger',
			   playsAndShowsAFinger));
