// SPDX-License-Identifier: Apache-2.0
// The page of vinput-stream in Firefox, by npm's puppeteer-core and WebDriver
// BiDi: what people do most, over WebSocket and over WebRTC.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { networkInterfaces } from 'node:os';
import { resolve } from 'node:path';
import { nameOf, runCase, skip } from './cases.mjs';
import { atEnd, DEADLINE_MS, directory, Guest, HEIGHT, launch, runAll, stream,
	 until, WIDTH } from './rig.mjs';

const FIREFOX = process.env.FIREFOX || '/usr/bin/firefox-esr';
const DISPLAY = { width: 1080, height: 1920 };
const modules = resolve(process.env.BROWSER_MODULES || 'build/browser');

// Firefox uses no candidate that is a loopback address.
const address = Object.values(networkInterfaces()).flat().find(
	a => !a.internal && a.family === 'IPv4')?.address;

async function openFirefox()
{
	const puppeteer = createRequire(`${modules}/`)('puppeteer-core');
	const browser = await puppeteer.launch({
		browser: 'firefox', executablePath: FIREFOX, headless: true,
		userDataDir: directory(),
		defaultViewport: { width: WIDTH, height: HEIGHT },
	});

	atEnd(() => browser.close());
	return browser;
}

async function openPage(browser, url, way)
{
	const page = await browser.newPage();

	page.setDefaultTimeout(DEADLINE_MS);
	await page.goto(url);
	await page.waitForFunction(
		wanted => document.getElementById('way')?.textContent === wanted,
		{}, way);
	await page.waitForFunction(
		() => document.querySelector('#devices li') &&
			!document.getElementById('surface').hidden);
	await page.focus('#area');
	return page;
}

// A point of the picture, by fractions of it.
async function pointOf(page, x, y)
{
	const box = await page.$eval('#surface', e => {
		const r = e.getBoundingClientRect();

		return { x: r.x, y: r.y, width: r.width, height: r.height };
	});

	return { x: Math.round(box.x + x * box.width),
		 y: Math.round(box.y + y * box.height), box };
}

async function types({ page, guest })
{
	await page.keyboard.press('a');
	await guest.expect('keyboard', 'KEY_A 1', 'KEY_A 0');
	await page.keyboard.down('Shift');
	await page.keyboard.press('F5');
	await page.keyboard.up('Shift');
	await guest.expect('keyboard', 'KEY_LEFTSHIFT 1', 'KEY_F5 1',
			   'KEY_F5 0', 'KEY_LEFTSHIFT 0');
	await page.click('#softly');
	await page.keyboard.press('z');
	await guest.expect('keyboard', 'KEY_Y 1', 'KEY_Y 0');
}

async function taps({ page, guest })
{
	const at = await pointOf(page, 0.25, 0.75);

	await page.touchscreen.touchStart(at.x, at.y);
	await until(() => guest.held().includes('touch_0 BTN_TOUCH'));
	await page.touchscreen.touchEnd();
	await until(() => guest.held() === '');
	const all = guest.frames.get('touch_0').join();

	for (const [name, side, size, from, range] of [
		['ABS_MT_POSITION_X', 'x', 'width', at.x, DISPLAY.width],
		['ABS_MT_POSITION_Y', 'y', 'height', at.y, DISPLAY.height]]) {
		const wanted = (from - at.box[side]) / at.box[size] *
			(range - 1);
		const got = Number(all.match(`${name} (\\d+)`)?.[1]);

		if (!(Math.abs(got - wanted) <= 1))
			throw Error(`${name} is ${got}, not ${wanted}`);
	}
}

async function usesTheMouse({ page, guest })
{
	await page.mouse.move(500, 200);
	await guest.settle();
	await page.mouse.move(530, 220);
	await guest.expect('mouse', 'REL_X 30, REL_Y 20');
	for (const [button, name] of [['left', 'LEFT'], ['right', 'RIGHT'],
				      ['middle', 'MIDDLE']]) {
		await page.mouse.down({ button });
		await guest.expect('mouse', `BTN_${name} 1`);
		await page.mouse.up({ button });
		await guest.expect('mouse', `BTN_${name} 0`);
	}
	await page.mouse.wheel({ deltaY: 120 });
	await until(() => guest.frames.get('mouse').some(
		frame => frame.includes('REL_WHEEL_HI_RES -')));
}

async function letsGo({ page, guest })
{
	await page.keyboard.down('a');
	await page.mouse.move(500, 200);
	await page.mouse.down();
	await until(() => guest.held() ===
		'keyboard KEY_A, mouse BTN_LEFT');
	await page.evaluate(() => dispatchEvent(new Event('blur')));
	await until(() => guest.held() === '');
	await page.keyboard.up('a');
	await page.mouse.up();
	await page.keyboard.down('b');
	await until(() => guest.held() === 'keyboard KEY_B');
	await page.close();
	await until(() => guest.held() === '');
}

async function main()
{
	const dir = await launch('--keyboard', '--mouse',
		`--display=${DISPLAY.width}x${DISPLAY.height}`);
	const labels = ['keyboard', 'mouse', 'touch_0'];
	const guest = new Guest(...labels.map(l => `${dir}/${l}.sock`));
	const ways = {
		WebSocket: await stream(dir, '--layout=de'),
		WebRTC: address && await stream(dir, '--layout=de',
						`--rtc-address=${address}`),
	};
	const browser = existsSync(FIREFOX) && await openFirefox();

	await until(() => guest.seen.size === labels.length);
	for (const [way, started] of Object.entries(ways)) {
		let page;

		for (const f of [types, taps, usesTheMouse, letsGo]) {
			await runCase(`Firefox_${way}_${nameOf(f)}`, async () => {
				if (!browser)
					skip(`no ${FIREFOX}`);
				if (!started)
					skip('WebRTC: no network besides ' +
					     'loopback');
				page ??= await openPage(browser,
							started.urls[0], way);
				await page.focus('#area');
				await guest.settle();
				await f({ page, guest });
				await guest.settle();
			});
		}
	}
}

await runAll(main);
