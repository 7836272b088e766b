// SPDX-License-Identifier: Apache-2.0
// What the page of vinput-stream says: latency, errors, every text in one file;
// and that it works where browsers keep much from it, on plain http in a LAN.
import { nameOf, runCase } from './cases.mjs';
import { Guest, launch, open, openBrowser, runAll, sleep, stream,
	 until } from './rig.mjs';

const NAME = 'vm.test'; /* of a host that is not this one's own loopback */
const says = async (page, id, pattern) => {
	await until(async () => pattern.test(await page.textContent(id)));
};

async function latencyIsPlotted({ page, guest })
{
	await page.click('#tab-status');
	await says(page, '#roundTrip', /^[0-9.]+ ms$/);
	await page.focus('#area');
	/* Each ping measures the next event. */
	await until(async () => {
		await page.keyboard.press('a');
		await sleep(100);
		return /ms/.test(await page.textContent('#guestTime'));
	});
	await until(async () => {
		await page.keyboard.press('a');
		return /L/.test(await page.getAttribute('#roundTrips', 'd'));
	});
	const words = await page.getAttribute('#plot', 'aria-label');

	if (!/Round trip: [0-9.]+ ms on average, [0-9.]+ ms at most\. Guest: [0-9.]+ ms/
		.test(words))
		throw Error(words);
	await guest.settle();
}

// As many as the server can have, in words of people.
async function errorsAreInWords({ page, guest })
{
	const tell = message => page.evaluate(m => import('/link.js').then(
		link => link.sendMessage(m)), message);
	const rows = [
		[{ type: 'position', x: 0, y: 0 }, /has no device for this/],
		[{ type: 'text', text: '☃' }, /no key for ☃/],
		[{ type: 'text', text: 'x', layout: 'none' },
		 /does not know this keyboard layout/],
	];

	for (const [message, pattern] of rows) {
		await tell(message);
		await says(page, '#error', pattern);
	}
	await page.evaluate(() => import('/held.js').then(m => m.letGo()));
	await guest.settle();
}

async function lostConnectionIsSaid({ page })
{
	await page.evaluate(() => import('/link.js').then(
		({ link }) => link.socket.close()));
	await says(page, '#error', /connection is lost/);
	await says(page, '#way', /WebSocket/);
	await says(page, '#error', /^$/);
}

// Each control of each panel, by Tab and the arrow keys alone.
async function everyControlByKeys({ page })
{
	const step = key => page.keyboard.press(key).then(() =>
		page.evaluate(() => document.activeElement.id));

	for (const key of ['Control', 'Alt', 'g'])
		await page.keyboard.down(key);
	for (const key of ['g', 'Alt', 'Control'])
		await page.keyboard.up(key);
	for (const panel of ['keys', 'pointer', 'pad', 'more', 'status']) {
		const wanted = await page.$$eval(`#${panel} :is(button, ` +
			'select, textarea, .stick):enabled, ' +
			`#${panel} .stick`, all => all.filter(
			e => e.checkVisibility()).length);
		const reached = () => page.evaluate(id => {
			const e = document.activeElement;

			window.reached ??= new Set();
			if (e.closest(`#${id}`) && e.id !== id)
				window.reached.add(e);
			return window.reached.size;
		}, panel);
		let n = 0;

		for (let i = 0; i <= wanted && n < wanted; i++) {
			await page.keyboard.press('Tab');
			n = await reached();
		}
		if (n !== wanted)
			throw Error(`${panel}: ${n} of ${wanted} controls`);
		await page.evaluate(() => window.reached = null);
		await page.focus(`#tab-${panel}`);
		await step('ArrowRight');
	}
}

// --- every text is in texts.js ---

// Appended to it: all of them in brackets.
function inBrackets(texts)
{
	const wrap = value => {
		if (typeof value === 'string')
			return /\p{L}/u.test(value) ? `⟦${value}⟧` : value;
		if (typeof value === 'function')
			return (...args) => wrap(value(...args));
		if (value instanceof RegExp)
			return value;
		for (const key in value)
			value[key] = wrap(value[key]);
		return value;
	};

	wrap(texts);
}

// In the page: texts with letters that are not in brackets, but for names.
function untranslated()
{
	const names = '#devices b, #holding, #held, #layout, #way, ' +
		'#functionKeys, h1, title, script, style';
	const walker = document.createTreeWalker(document.documentElement,
						 NodeFilter.SHOW_TEXT);
	const found = [];

	while (walker.nextNode()) {
		const { data, parentElement } = walker.currentNode;

		if (/\p{L}/u.test(data) && !/⟦.*⟧/.test(data) &&
		    !parentElement.closest(names))
			found.push(data.trim());
	}
	for (const e of document.querySelectorAll('[aria-label], [title], ' +
						  '[placeholder], [alt]'))
		for (const name of ['aria-label', 'title', 'placeholder',
				    'alt'])
			if (/\p{L}/u.test(e.getAttribute(name) || '') &&
			    !/⟦/.test(e.getAttribute(name)))
				found.push(e.getAttribute(name));
	return found;
}

async function everyTextIsInOneFile({ browser, url })
{
	const context = await browser.newContext();
	const page = await context.newPage();

	await page.route('**/texts.js', async route => {
		const response = await route.fetch();

		await route.fulfill({ response, body: await response.text() +
			`\n(${inBrackets})(texts);\n` });
	});
	await page.goto(url);
	await page.waitForSelector('#devices li', { state: 'attached' });
	await says(page, '#rtt', /ms/);
	const found = await page.evaluate(untranslated);

	await context.close();
	if (found.length)
		throw Error(`not in texts.js: ${found.join('; ')}`);
}

// --- plain http ---

async function plainHttpIsEnough({ browser, url, guest })
{
	const address = url.replace('127.0.0.1', NAME);
	const page = await open(browser, address, 'WebSocket');

	if (await page.evaluate(() => isSecureContext))
		throw Error('it is a secure context');
	await page.keyboard.press('a');
	await guest.expect('keyboard', 'KEY_A 1', 'KEY_A 0');
	await page.mouse.move(100, 100);
	await guest.settle();
	await page.mouse.move(110, 100);
	await guest.expect('mouse', 'REL_X 10');
	await page.click('#paste');
	await says(page, '#error', /Paste into the field/);
	await page.fill('#text', 'b');
	await page.click('#type');
	await guest.expect('keyboard', 'KEY_B 1', 'KEY_B 0');
	await page.click('#full');
	await until(() => page.evaluate(() => document.fullscreenElement));
	await page.evaluate(() => document.exitFullscreen());
	await page.context().close();
	await until(() => guest.held() === '');
}

async function main()
{
	const dir = await launch('--keyboard', '--mouse', '--switches');
	const guest = new Guest(`${dir}/keyboard.sock`, `${dir}/mouse.sock`);
	const { urls: [url] } = await stream(dir, `--host=${NAME}`);
	const { browser } = await openBrowser(
		`--host-resolver-rules=MAP ${NAME} 127.0.0.1`);

	await until(() => guest.seen.size === 2);
	for (const f of [latencyIsPlotted, errorsAreInWords,
			 lostConnectionIsSaid, everyControlByKeys,
			 everyTextIsInOneFile, plainHttpIsEnough]) {
		await runCase(`status_${nameOf(f)}`, async () => {
			const page = await open(browser, url, 'WebSocket');
			const context = page.context();

			await guest.settle();
			await f({ browser, context, guest, page, url })
				.finally(() => context.close());
			await until(() => guest.held() === '');
		});
	}
}

await runAll(main);
