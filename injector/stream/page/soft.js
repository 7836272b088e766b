/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text as it is written: by a soft keyboard, an input method, dead keys, or
 * pasted. Whatever has a character is typed in the guest's layout; other keys
 * of a real keyboard are pressed.
 */
import { held, letGo } from './held.js';
import { MODIFIERS, realKey } from './keyboard.js';
import { emit } from './link.js';
import { texts } from './texts.js';
import { isTypingLong, stopTyping, typeKey, typeText } from './typing.js';

const at = id => document.getElementById(id);
const soft = at('soft');
const PADDING = '  '; /* otherwise there is nothing to delete */

/* --- keys with modifiers of the bar --- */

const CODES = { ' ': 'Space', '\n': 'Enter' };

/* Then the key is meant; of letters and digits the server finds it. */
function write(text)
{
	const isHeld = [...held.keys].some(code => MODIFIERS.test(code));

	if (isHeld && CODES[text])
		typeKey(CODES[text]);
	else
		typeText(text);
}

/* --- compositions --- */

/*
 * A soft keyboard composes words, which appear as they grow. What an input
 * method or a dead key composes is typed when it is done.
 */
const IS_PLAIN = /^[A-Za-z0-9' -]*$/;
let composed = ''; /* what of the composition was typed */

function replaceComposed(text)
{
	let same = 0;

	while (same < text.length && text[same] === composed[same])
		same++;
	for (let n = composed.length - same; n; n--)
		typeKey('Backspace');
	if (text.length > same)
		write(text.slice(same));
	composed = text;
}

function pad()
{
	soft.value = PADDING;
	soft.setSelectionRange(PADDING.length, PADDING.length);
}

/* --- events --- */

const KEYS = {
	insertLineBreak: 'Enter', insertParagraph: 'Enter',
	deleteContentBackward: 'Backspace', deleteWordBackward: 'Backspace',
	deleteContentForward: 'Delete', deleteWordForward: 'Delete',
};

soft.addEventListener('beforeinput', e => {
	if (e.inputType === 'insertCompositionText') {
		if (IS_PLAIN.test(e.data || ''))
			replaceComposed(e.data || '');
		return; /* it cannot be prevented */
	}
	e.preventDefault();
	if (KEYS[e.inputType])
		typeKey(KEYS[e.inputType]);
	else
		write(e.data ?? e.dataTransfer?.getData('text/plain') ?? '');
});
soft.addEventListener('compositionstart', () => composed = '');
soft.addEventListener('compositionend', e => {
	replaceComposed(e.data);
	composed = '';
	pad();
});
soft.addEventListener('input', e => {
	if (!e.isComposing)
		pad();
});

/* Whether a key makes a character here, by itself or with others. */
function isText(e)
{
	const isShortcut = (e.ctrlKey || e.altKey || e.metaKey) &&
		!e.getModifierState('AltGraph');

	return e.isComposing || e.keyCode === 229 ||
		['Dead', 'Process', 'Unidentified', 'Backspace', 'Delete',
		 'Enter', 'AltGraph', 'Shift'].includes(e.key) ||
		(e.key.length === 1 && !isShortcut);
}

soft.addEventListener('keydown', e => {
	if (isText(e))
		return;
	if (e.key === 'Tab' && e.shiftKey)
		return; /* the way out */
	e.preventDefault();
	realKey(e, true);
});
soft.addEventListener('keyup', e => {
	if (held.keys.has(e.code) || e.code === 'ControlLeft')
		realKey(e, false);
});
soft.addEventListener('blur', letGo);

/* --- the controls --- */

at('softly').addEventListener('mousedown', e => e.preventDefault());
at('softly').addEventListener('click', () => {
	if (document.activeElement === soft)
		soft.blur();
	else
		soft.focus();
});
for (const [type, on] of [['focus', true], ['blur', false]])
	soft.addEventListener(type, () =>
		at('softly').setAttribute('aria-pressed', on));

/* Only a secure page may read the clipboard. */
at('paste').addEventListener('click', async () => {
	try {
		typeText(await navigator.clipboard.readText());
	} catch {
		emit('note', texts.pasteHere);
		at('text').focus();
	}
});
at('typing').addEventListener('submit', e => {
	e.preventDefault();
	if (isTypingLong())
		stopTyping();
	else
		typeText(at('text').value);
});
pad();
