// SPDX-License-Identifier: Apache-2.0
// The same as bench-picture.mjs with Linux in QEMU, the guest of make demo-guest:
// from a key until the browser has drawn what the console echoes, while somebody
// types, and for the first key after a rest. Plain noVNC's keys come to the same
// guest, by a virtio keyboard of QEMU's.
import { end, demoGuest, openBrowser, sleep, until } from './rig.mjs';
import { median, openPage, openWays, timeKey, timeLoads } from
	'./picture-ways.mjs';

const KEYS = 60, GAP_MS = 150;
const GOLDEN = 0.618034; /* its multiples are spread evenly, modulo 1 */
const RESTS = 7, REST_MS = 8000;
const BOOT_MS = 120000, ANSWER_MS = 4000, PRESS_MS = 20;
/* Nothing but what is typed changes the picture then: no cursor blinks. */
const NO_CURSOR = "printf '\\033[?25l'; clear";

// What each changes: one more character, and one less.
const ECHOED = ['a', 'Backspace'];

const isDrawn = (page, ms) =>
	page.waitForFunction(() => window.drawn.length, null, { timeout: ms })
		.then(() => true, () => false);

// Unlike Playwright, QEMU's keyboard has no ? without Shift.
async function type(page, text)
{
	for (const c of text)
		await page.keyboard.press(c === '?' ? 'Shift+Slash' : c,
					  { delay: PRESS_MS });
	await page.keyboard.press('Enter', { delay: PRESS_MS });
}

// Until it has booted, its cursor blinks, or no key is answered.
async function hideCursor(browser, way)
{
	const context = await browser.newContext();
	const page = await openPage(context, way);

	await way.focus(page);
	await until(async () => {
		await type(page, NO_CURSOR);
		await isDrawn(page, ANSWER_MS);
		await sleep(ANSWER_MS);
		await page.evaluate(() => window.drawn = []);
		if (await isDrawn(page, ANSWER_MS))
			return false;
		await page.keyboard.press('Enter');
		return isDrawn(page, ANSWER_MS);
	}, BOOT_MS);
	await context.close();
}

// Half to one and a half of the gap: QEMU looks for changes at times that depend
// on those of the last ones, and would always be as late.
async function timeKeys(page, count, gap_ms)
{
	const took = [];

	for (let i = 0; i < count; i++) {
		await sleep(gap_ms * (0.5 + i * GOLDEN % 1));
		took.push(await timeKey(page, ECHOED[i % 2]));
	}
	return median(took).toFixed(0);
}

async function measure(browser, way)
{
	const context = await browser.newContext();
	const first = await timeLoads(context, way);
	const page = await openPage(context, way);

	await way.focus(page);
	const typing = await timeKeys(page, KEYS, GAP_MS);
	const rested = await timeKeys(page, RESTS, REST_MS);

	console.log(`${way.name.padEnd(6)} first picture ` +
		    `${first.toFixed(0)} ms, key to picture ${typing} ms, ` +
		    `after a rest ${rested} ms`);
	await context.close();
}

async function main(names)
{
	const { dir, vnc } = await demoGuest('-device', 'virtio-keyboard-pci');
	const { browser } = await openBrowser();
	const ways = await openWays(names, dir, vnc);

	await hideCursor(browser, ways[0]);
	for (const way of ways)
		await measure(browser, way);
}

try {
	await main(process.argv[2]);
} finally {
	await end();
}
process.exit(0);
