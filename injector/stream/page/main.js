/* SPDX-License-Identifier: Apache-2.0 */
/* Fills the page in, shows it, and connects. */
import { connect } from './link.js';
import { fillTexts, texts } from './texts.js';
import './tabs.js';
import './status.js';
import './picture.js';
import './keypad.js';
import './soft.js';
import './pointer.js';
import './pads.js';
import './screenpad.js';
import './controls.js';
import './latency.js';

fillTexts(document);
document.getElementById('way').textContent = texts.disconnected;
document.body.hidden = false;
document.getElementById('area').focus();
connect();
