// SPDX-License-Identifier: Apache-2.0
// usage: console.mjs DIR VNC
//
// Starts vinput-stream for the launcher of DIR and the VNC server at the path
// VNC, types a text in its page, which the picture MUST show soon, and then puts
// a finger on the picture, a quarter from the left and from the top, for some
// seconds. Screenshots go to build/screenshots.
import { mkdirSync } from 'node:fs';
import { end, open, openBrowser, pointOf, sleep, stream,
	 until } from './rig.mjs';

const SIZES = [[360, 640], [820, 1180], [1280, 800], [2560, 1440]];
const SHOTS = 'build/screenshots';
const TEXT = 'Grüße €';
const HOLD_MS = 4000;

const [dir, vnc] = process.argv.slice(2);
const { urls } = await stream(dir, `--display=unix:${vnc}`, '--layout=de');
const { browser } = await openBrowser();
const page = await open(browser, urls[0], 'WebSocket');
const cdp = await page.context().newCDPSession(page);
const touch = (type, touchPoints) =>
	cdp.send('Input.dispatchTouchEvent', { type, touchPoints });

// How many pixels of the picture are not black.
const lit = () => page.evaluate(() => {
	const canvas = document.querySelector('#picture canvas');

	if (!canvas?.width)
		return 0;
	const { data } = canvas.getContext('2d').getImageData(
		0, 0, canvas.width, canvas.height);

	return data.filter((v, i) => i % 4 < 3 && v > 64).length;
});

await until(lit);
const before = await lit();

await page.fill('#text', TEXT);
await page.click('#type');
/* The cursor alone blinks with far fewer. */
await until(async () => await lit() > before + 300);
await touch('touchStart', [{ id: 0, ...await pointOf(page, 1 / 4, 1 / 4) }]);
await sleep(HOLD_MS);
await touch('touchEnd', []);
mkdirSync(SHOTS, { recursive: true });
for (const [width, height] of SIZES)
	for (const colorScheme of ['light', 'dark']) {
		await page.setViewportSize({ width, height });
		await page.emulateMedia({ colorScheme });
		await sleep(300);
		await page.screenshot({ path:
			`${SHOTS}/${width}x${height}-${colorScheme}-picture.png`,
		});
	}
await page.close();
await end();
process.exit(0);
