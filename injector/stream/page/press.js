/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A button of the page that is held as long as it is pressed, by a pointer; a
 * click of the keyboard or of a screen reader presses and releases it.
 */
export function makeButton(text, label)
{
	const button = document.createElement('button');

	button.type = 'button';
	button.textContent = text;
	if (label)
		button.setAttribute('aria-label', label);
	/* The focus, and with it a soft keyboard, stays where it is. */
	button.addEventListener('mousedown', e => e.preventDefault());
	button.addEventListener('contextmenu', e => e.preventDefault());
	return button;
}

/* press(true), and press(false) in any case. */
export function holdable(button, press)
{
	let pointer = null;
	const end = e => {
		if (e.pointerId !== pointer)
			return;
		pointer = null;
		button.classList.remove('down');
		press(false);
	};

	button.addEventListener('pointerdown', e => {
		if (pointer !== null || e.button)
			return;
		pointer = e.pointerId;
		button.setPointerCapture(pointer);
		button.classList.add('down');
		press(true);
	});
	button.addEventListener('pointerup', end);
	button.addEventListener('pointercancel', end);
	button.addEventListener('lostpointercapture', end);
	button.addEventListener('click', e => {
		if (e.detail)
			return;
		press(true);
		press(false);
	});
	return button;
}

/* changed(whether it is on). Return: a function that switches it. */
export function toggle(button, changed)
{
	const set = on => {
		button.setAttribute('aria-pressed', on);
		changed(on);
	};

	button.setAttribute('aria-pressed', false);
	button.addEventListener('click', () => set(
		button.getAttribute('aria-pressed') !== 'true'));
	return set;
}
