// SPDX-License-Identifier: Apache-2.0
// How the page looks: at sizes from a phone's to 4K, light and dark, each panel
// is written to build/screenshots, to be looked at; here is tested what a
// program can: accessibility by axe, nothing cut off, nothing that moves.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { runCase } from './cases.mjs';
import { directory, Guest, inModule, launch, open, openBrowser, runAll, sleep,
	 stream, until } from './rig.mjs';
import { Vnc } from './vnc.mjs';

const SIZES = [[360, 640], [820, 1180], [1280, 800], [2560, 1440],
	       [3840, 2160], [640, 360]];
const LARGEST = '3840x2160'; /* takes long to draw; light only */
const SETTLE_MS = 1500; /* until round trips are shown */

const modules = resolve(process.env.BROWSER_MODULES || 'build/browser');
const axe = readFileSync(createRequire(`${modules}/`)
	.resolve('axe-core/axe.min.js'), 'utf8');
const shots = resolve('build/screenshots');

// Run it in the page before its scripts.
function watchShifts()
{
	window.shifts = [];
	new PerformanceObserver(list => {
		for (const e of list.getEntries())
			window.shifts.push([e.value, ...e.sources.map(
				s => s.node?.id || s.node?.nodeName)]);
	}).observe({ type: 'layout-shift', buffered: true });
}

// rules: which; undefined: all.
async function expectNoViolation(page, where, rules)
{
	const found = await page.evaluate(async runOnly => {
		const { violations } = await window.axe.run(
			runOnly ? { runOnly } : {});

		return violations.map(v => `${v.id}: ` +
			v.nodes.map(n => n.target).join(', '));
	}, rules);

	if (found.length)
		throw Error(`${where}: ${found.join('\n')}`);
}

// Controls that are not all in the window, but for what scrolls upright.
async function expectNothingCutOff(page, where)
{
	const cut = await page.evaluate(() => {
		const wide = [...document.querySelectorAll('body, section')]
			.filter(e => e.scrollWidth > e.clientWidth);
		const outside = [...document.querySelectorAll('button, #area')]
			.filter(e => e.checkVisibility())
			.filter(e => {
				const r = e.getBoundingClientRect();

				return r.left < 0 || r.right > innerWidth ||
				       r.width < 24 || r.height < 24 ||
				       e.scrollWidth > e.clientWidth + 1;
			});

		const line = document.getElementById('line');
		const low = [...line.children].filter(e =>
			e.getBoundingClientRect().bottom >
			line.getBoundingClientRect().bottom + 1);

		return [...wide, ...outside, ...low].map(
			e => `#${e.id} ${e.textContent.slice(0, 20)}`);
	});

	if (cut.length)
		throw Error(`${where}: cut off: ${cut.join('; ')}`);
}

async function look(page, name)
{
	const tabs = await page.locator('[role=tab]').all();

	await sleep(SETTLE_MS);
	for (const tab of tabs) {
		const panel = await tab.getAttribute('aria-controls');
		const shoot = async colorScheme => {
			const file = `${name}-${colorScheme}-${panel}.png`;

			await page.emulateMedia({ colorScheme });
			await page.screenshot({ path: join(shots, file) });
			return file;
		};

		await tab.click();
		const light = await shoot('light');

		await expectNothingCutOff(page, light);
		await expectNoViolation(page, light);
		if (name === LARGEST)
			continue;
		/* Nothing but colours differs. */
		await expectNoViolation(page, await shoot('dark'),
					['color-contrast']);
	}
	const shifts = await page.evaluate(() => window.shifts);

	if (shifts.length)
		throw Error(`it moved: ${JSON.stringify(shifts)}`);
}

// As it is now, light and dark.
async function lookAtBoth(page, name, what)
{
	for (const colorScheme of ['light', 'dark']) {
		const file = `${name}-${colorScheme}-${what}.png`;

		await page.emulateMedia({ colorScheme });
		await page.screenshot({ path: join(shots, file) });
		await expectNothingCutOff(page, file);
		await expectNoViolation(page, file);
	}
}

// With a picture, and with the line in place of one.
async function lookAtPictures(page, name)
{
	await page.click('#tab-more');
	await page.waitForSelector('#picture canvas');
	await lookAtBoth(page, name, 'vnc');
	await page.selectOption('#display', { label: 'second' });
	await page.waitForSelector('#noPicture:not([hidden])');
	await lookAtBoth(page, name, 'no-vnc');
}

// What is seldom seen: who may only look, an error, a lost connection, keys and
// buttons that are held.
async function lookAtStates(browser, dir, name, viewport)
{
	const tokens = join(directory(), 'tokens');
	const options = { context: { viewport, bypassCSP: true } };

	writeFileSync(tokens, 'token-of-a-viewer read-only\n' +
		      'token-of-the-others\n');
	const { urls, stop } = await stream(dir, `--token-file=${tokens}`);

	await until(() => urls.length === 2);
	const viewer = await open(browser, urls[0], 'WebSocket', options);

	await viewer.evaluate(axe);
	for (const tab of ['pad', 'more']) {
		await viewer.click(`#tab-${tab}`);
		await lookAtBoth(viewer, name, `read-only-${tab}`);
	}
	await viewer.context().close();
	const page = await open(browser, urls[1], 'WebSocket', options);

	await page.evaluate(axe);
	await page.click('#modifiers [data-code=ControlLeft]');
	await page.click('#modifiers [data-code=ShiftLeft]');
	await page.click('#modifiers [data-code=ShiftLeft]');
	await lookAtBoth(page, name, 'held');
	await page.click('#tab-more');
	await page.click('#lid');
	await inModule(page, 'link', m => m.emit(
		'error', 'text: the layout lacks € (U+20AC)'));
	await lookAtBoth(page, name, 'error');
	await stop();
	await page.waitForSelector('#way[data-ok=false]');
	await lookAtBoth(page, name, 'lost');
	await page.context().close();
}

async function main()
{
	const dir = await launch('--keyboard', '--mouse', '--gamepad',
				 '--rotary', '--switches',
				 '--display=1080x1920');
	const labels = ['keyboard', 'mouse', 'touch_0'];
	const guest = new Guest(...labels.map(l => `${dir}/${l}.sock`));
	const { urls } = await stream(dir);
	const vnc = new Vnc(join(directory(), 'vnc'));
	const seen = await stream(dir, `--display=unix:${vnc.path}`,
				  `--display=second=unix:${vnc.path}-none`);
	const { browser } = await openBrowser();

	await until(() => guest.seen.size === labels.length);
	mkdirSync(shots, { recursive: true });
	await vnc.start();
	for (const [width, height] of SIZES) {
		const name = `${width}x${height}`;

		await runCase(`looks_well_${name}`, async () => {
			const page = await open(browser, urls[0], 'WebSocket', {
				context: { viewport: { width, height },
					   bypassCSP: true },
				script: [watchShifts],
			});

			await page.evaluate(axe);
			await look(page, name);
			await page.context().close();
		});
		await runCase(`looks_well_${name}_with_a_picture`, async () => {
			const page = await open(browser, seen.urls[0],
						'WebSocket', {
				context: { viewport: { width, height },
					   bypassCSP: true },
			});

			await page.evaluate(axe);
			await lookAtPictures(page, name);
			await page.context().close();
		});
		await runCase(`looks_well_${name}_in_other_states`, () =>
			lookAtStates(browser, dir, name, { width, height }));
	}
}

await runAll(main);
