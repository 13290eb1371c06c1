// What an operator does with a node's status page, while a client downloads. Usage:
//   node cockpit.mjs ADMIN-URL FILE-URL [DIRECTORY]
// Prints what it saw as NAME=VALUE lines. Fails when something on the way there isn't as it should
// be. With a DIRECTORY, it leaves screenshots there, for somebody to look at.
import { createRequire } from 'node:module';

const [admin, file, directory] = process.argv.slice(2);
const path = new URL(file).pathname;
const { chromium } = await import('playwright-core').catch(() => {
  throw new Error("playwright-core isn't there; src/test/verify installs it");
});
const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

const PHONE = { width: 390, height: 844 };
const DESKTOP = { width: 1280, height: 900 };

const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: [
    '--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--disable-quic', '--disable-sync',
    '--disable-background-networking', '--disable-component-update',
  ],
});
const complaints = [];
try {
  // axe is put into the page by the browser, not by the page's policy.
  const page = await browser.newPage({ viewport: DESKTOP, colorScheme: 'light', bypassCSP: true });
  watch(page);
  await page.goto(admin);
  await page.locator('#link', { hasText: 'Live' }).waitFor();
  await page.locator('#files-empty').waitFor();
  await see(page, 'empty', 'dark');
  await tellsOfLostConnections();

  const seen = await arriving(page);
  await see(page, 'arriving', 'light');
  await download('bytes=0-');
  await row(page).getByText('100 %', { exact: true }).waitFor();
  console.log(`shares=${seen.join(',')}`);
  await page.locator('#today-ratio', { hasText: '%' }).waitFor();

  await row(page).getByRole('link').click();
  await page.getByRole('heading', { name: path }).waitFor();
  await see(page, 'file', 'dark');
  await page.getByRole('button', { name: 'Check the delivery' }).click();
  await page.locator('.findings li', { hasText: 'If-Range' }).locator('.good').waitFor();
  await see(page, 'checked', 'light');
  await page.goto(admin + '#/');
  await page.locator('#peers tbody a').first().click();
  await page.getByRole('heading', { name: 'Facts' }).waitFor();
  await see(page, 'peer', 'light');
  await page.goto(admin + '#/');

  await actions(page);
  // Once nothing is delivered any more, what the page says holds still.
  console.log(`ratio=${await settled(page)}`);
  await see(page, 'after', 'light');
  if (complaints.length) throw new Error(complaints.join('\n'));
} finally {
  await browser.close();
}

function watch(page) {
  page.on('console', (message) => message.type() === 'error' && complaints.push('console: ' + message.text()));
  page.on('pageerror', (error) => complaints.push('page: ' + error));
  page.on('request', (request) => request.url().startsWith(admin) || request.url().startsWith('data:') || complaints.push('asks elsewhere: ' + request.url()));
  page.on('response', (response) => response.status() >= 400 && complaints.push(`${response.status()}: ${response.url()}`));
}

function row(page) {
  return page.locator('#files tbody tr', { hasText: path });
}

async function download(range) {
  const response = await fetch(file, { headers: { Range: range } });
  if (!response.ok) throw new Error(`${file}: ${response.status}`);
  return (await response.arrayBuffer()).byteLength;
}

/**
 * Downloads a part, and a larger one once that is seen; the share that is here grows, and the map
 * with it. Returns the shares.
 */
async function arriving(page) {
  const seen = [];
  for (const last of [1999999, 3999999]) {
    await download(`bytes=0-${last}`);
    await row(page).waitFor();
    for (;;) {
      const { share, drawn } = await shown(page);
      if (share > (seen.at(-1) ?? 0)) {
        if (share >= 100) throw new Error(`all is here, of which ${last + 1} bytes were asked for`);
        if (Math.abs(drawn - share) > 6) throw new Error(`${share} % are here, and the map shows ${drawn} %`);
        seen.push(share);
        break;
      }
      await page.waitForTimeout(100);
    }
  }
  return seen;
}

/** What the list and the map say is here, in percent. */
async function shown(page) {
  const { share, here, lacking } = await row(page).evaluate((tr) => {
    const canvas = tr.querySelector('canvas');
    const style = getComputedStyle(document.documentElement);
    const rgb = (name) => style.getPropertyValue(name).trim().slice(1).match(/../g).map((hex) => parseInt(hex, 16)).join();
    const wanted = { [rgb('--here')]: 'here', [rgb('--underway')]: 'lacking', [rgb('--absent')]: 'lacking' };
    const found = { here: 0, lacking: 0 };
    const { data } = canvas.getContext('2d').getImageData(0, canvas.height - 2, canvas.width, 1);
    for (let i = 0; i < data.length; i += 4) {
      const kind = wanted[[data[i], data[i + 1], data[i + 2]].join()];
      if (kind) found[kind]++;
    }
    return { share: parseFloat(tr.children[2].textContent), ...found };
  });
  return { share, drawn: 100 * here / Math.max(1, here + lacking) };
}

/** In a page of its own, since the browser complains of what can't be reached. */
async function tellsOfLostConnections() {
  const page = await browser.newPage({ viewport: PHONE });
  await page.route('**/api/v1/stream', (route) => route.abort());
  await page.goto(admin);
  await page.getByText('The node doesn’t answer.').waitFor();
  await shoot(page, 'lost-phone', true);
  await page.unroute('**/api/v1/stream');
  await page.locator('#link', { hasText: 'Live' }).waitFor();
  // A node that said it is healthy and then vanished is not called so any longer.
  const last = await (await fetch(admin + 'api/v1/snapshot')).text();
  await page.route('**/api/v1/stream', (route) => route.fulfill({ contentType: 'text/event-stream', body: `event: snapshot\ndata: ${last}\n\n` }), { times: 1 });
  await page.reload();
  await page.locator('#state', { hasText: 'No answer' }).waitFor();
  await page.getByText('What is shown is from').waitFor();
  await shoot(page, 'gone-phone', true);
  await page.close();
}

async function actions(page) {
  const toast = (words) => page.locator('#toast', { hasText: words }).waitFor();
  const dialog = page.getByRole('dialog');

  // By keyboard, as far as it goes.
  await page.getByRole('button', { name: 'Purge …' }).focus();
  await page.keyboard.press('Enter');
  await dialog.getByLabel('Paths that begin with').fill(path);
  await see(page, 'dialog', 'dark');
  await page.keyboard.press('Enter');
  await toast('1 file purged');
  await row(page).waitFor({ state: 'detached' });

  await page.getByRole('button', { name: 'Preheat a file …' }).click();
  await dialog.getByLabel('Path').fill(path);
  await dialog.getByLabel('Range').fill('0-524287');
  await dialog.getByRole('button', { name: 'Preheat' }).click();
  await toast('The preheat has begun');
  await page.locator('#preheats tbody tr', { hasText: 'done' }).waitFor();

  await page.getByRole('button', { name: 'Drain' }).click();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'Drain' }).click();
  await dialog.getByRole('button', { name: 'Drain' }).click();
  await page.locator('#state', { hasText: 'Draining' }).waitFor();
  await shoot(page, 'draining', true);
  await page.getByRole('button', { name: 'End draining' }).click();
  await page.locator('#state', { hasText: 'Healthy' }).waitFor();

  await page.getByRole('button', { name: 'Scrub the store' }).click();
  await toast('The scrub has begun');

  await page.locator('#peers tbody a').first().click();
  await page.getByRole('button', { name: 'Ban …' }).click();
  await dialog.getByLabel('Minutes').fill('5');
  await dialog.getByLabel('Reason').fill('a test');
  await dialog.getByRole('button', { name: 'Ban' }).click();
  await toast('is banned');
  await page.getByText('is not connected any more').waitFor();
  await page.getByRole('link', { name: 'Overview' }).click();
  const ban = page.locator('#bans tbody tr', { hasText: '127.0.0.1' });
  await ban.waitFor();
  await page.locator('#events li', { hasText: 'banned for 5 min: a test' }).waitFor();
  await see(page, 'banned', 'light');
  await ban.getByRole('button', { name: 'End' }).click();
  await toast('is over');
  await ban.waitFor({ state: 'detached' });

  await page.getByRole('searchbox').fill('nothing-like-it');
  await page.getByText('No file has “nothing-like-it”').waitFor();
  await page.getByRole('searchbox').fill('');
  await row(page).waitFor();
}

async function settled(page) {
  let before = '';
  for (;;) {
    const now = await page.evaluate(async () => {
      const node = await (await fetch('/api/v1/node')).json();
      return JSON.stringify([node.savings.today, document.getElementById('today-ratio').textContent]);
    });
    if (now === before) return JSON.parse(now)[1].replace(' %', '');
    before = now;
    await page.waitForTimeout(1100);
  }
}

/** Looks at a state in its shapes: none may be wider than the screen, and axe is asked about one. */
async function see(page, name, asked) {
  for (const scheme of directory ? ['light', 'dark'] : [asked]) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    for (const [shape, viewport] of Object.entries({ phone: PHONE, desktop: DESKTOP })) {
      await page.setViewportSize(viewport);
      await shoot(page, `${name}-${shape}-${scheme}`, name !== 'dialog');
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (wide > 0) complaints.push(`${name}, ${shape}: ${wide} pixels wider than the screen`);
    }
    if (scheme !== asked) continue;
    if (!(await page.evaluate(() => 'axe' in window))) await page.addScriptTag({ path: axe });
    const { violations } = await page.evaluate(() => axe.run({ resultTypes: ['violations'] }));
    for (const { id, impact, nodes } of violations) {
      if (['serious', 'critical'].includes(impact)) complaints.push(`${name}, ${scheme}: ${id}: ${nodes.map((node) => node.html + ' ' + node.any.map((one) => one.message)).join(' | ')}`);
    }
  }
  await page.emulateMedia({ colorScheme: 'light' });
}

async function shoot(page, name, fullPage) {
  if (directory) await page.screenshot({ path: `${directory}/${name}.png`, fullPage });
}
