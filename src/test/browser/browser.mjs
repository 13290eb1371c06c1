// What somebody does with a browser, in one tab for each URL at the same time. Usage:
//   node browser.mjs play URL...               plays a video, and its last second after a seek
//   node browser.mjs download DIRECTORY URL... downloads to DIRECTORY/1, DIRECTORY/2, ...
const [task, ...rest] = process.argv.slice(2);

const { chromium } = await import('playwright-core').catch(() => {
  throw new Error("playwright-core isn't there; src/test/verify installs it");
});

const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  // Loopback is all it is to see. Without a sandbox root can run it too.
  args: [
    '--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--disable-quic', '--disable-sync',
    '--disable-background-networking', '--disable-component-update',
    '--autoplay-policy=no-user-gesture-required',
  ],
});
try {
  if (task === 'play') {
    await Promise.all(rest.map(play));
  } else {
    const [directory, ...urls] = rest;
    await Promise.all(urls.map((url, i) => download(url, `${directory}/${i + 1}`)));
  }
} finally {
  await browser.close();
}

async function play(url) {
  const page = await browser.newPage();
  await page.setContent('<video muted></video>');
  const seen = await page.evaluate(async (source) => {
    const video = document.querySelector('video');
    const until = (event, holds) =>
      new Promise((done, failed) => {
        video.addEventListener('error', () => failed(new Error(video.error.message)));
        video.addEventListener(event, () => holds() && done());
      });
    const playing = until('timeupdate', () => video.currentTime > 0.3);
    video.src = source;
    await video.play();
    await playing;
    const ended = until('ended', () => true);
    video.currentTime = video.duration - 1;
    await ended;
    return { seconds: video.currentTime, width: video.videoWidth };
  }, url);
  console.log(`${url} played to ${seen.seconds.toFixed(1)} s, ${seen.width} pixels wide`);
}

async function download(url, file) {
  const page = await browser.newPage();
  const [begun] = await Promise.all([
    page.waitForEvent('download'),
    page.goto(url).catch(() => {}), // A navigation that becomes a download fails as such.
  ]);
  await begun.saveAs(file);
}
