'use strict';
// The status page. Plain DOM calls, so that nothing a node tells can become markup; rows are kept
// and updated in place, so that focus and selection survive each second's snapshot.
(() => {
  const SOURCES = [
    ['store', 'from the store'], ['peers', 'from peers'], ['origin', 'from origins'], ['content', 'own files'],
  ];
  const $ = (id) => document.getElementById(id);
  let now = null;
  let before = null;
  let searched = null;
  let timer = 0;

  // Words and figures

  const bytes = (n) => {
    const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
    let unit = 0;
    while (n >= 1000 && unit < units.length - 1) { n /= 1024; unit++; }
    return (unit === 0 || n >= 100 ? n.toFixed(0) : n.toFixed(1)) + ' ' + units[unit];
  };
  const rate = (n) => bytes(n) + '/s';
  const percent = (x) => (x > 0 && x < 0.001 ? '< 0.1' : (100 * x).toFixed(x >= 0.9995 || x === 0 ? 0 : 1)) + ' %';
  const count = (n, one, many) => n.toLocaleString('en') + ' ' + (n === 1 ? one : many || one + 's');
  const time = (iso) => {
    const at = new Date(iso);
    const today = at.toDateString() === new Date().toDateString();
    return today ? at.toLocaleTimeString() : at.toLocaleString();
  };
  const span = (seconds) => seconds < 90 ? seconds + ' s' : seconds < 5400 ? Math.round(seconds / 60) + ' min' : Math.round(seconds / 3600) + ' h';

  // Building and keeping elements

  const el = (tag, attributes, ...children) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (name.startsWith('on')) made.addEventListener(name.slice(2), value);
      else if (value !== null && value !== undefined) made.setAttribute(name, value);
    }
    made.append(...children);
    return made;
  };
  const text = (node, value) => { if (node.textContent !== value) node.textContent = value; };
  const show = (node, shown) => { if (node.hidden === shown) node.hidden = !shown; };

  /** Makes a parent's children those of the items, in their order, keeping what is there. */
  const keep = (parent, items, key, make, update) => {
    const old = new Map([...parent.children].map((child) => [child.dataset.key, child]));
    let at = parent.firstElementChild;
    for (const item of items) {
      const name = key(item);
      let child = old.get(name);
      if (child) old.delete(name);
      else { child = make(item); child.dataset.key = name; }
      if (child === at) at = at.nextElementSibling;
      else parent.insertBefore(child, at);
      update(child, item);
    }
    old.forEach((child) => child.remove());
  };
  const cell = (label, kind) => el('td', { 'data-label': label, class: kind || null });

  // Piece maps

  const colours = () => {
    const style = getComputedStyle(document.documentElement);
    return (name) => style.getPropertyValue('--' + name).trim();
  };
  const draw = (canvas, map) => {
    const ratio = window.devicePixelRatio || 1;
    const width = Math.max(1, Math.round(canvas.clientWidth * ratio));
    const height = Math.max(1, Math.round(canvas.clientHeight * ratio));
    if (canvas.width !== width || canvas.height !== height) { canvas.width = width; canvas.height = height; }
    const colour = colours();
    const pen = canvas.getContext('2d');
    const cells = map.cells.length;
    const top = Math.round(6 * ratio);
    const left = (i) => Math.round(i * width / cells);
    const gap = width / cells > 4 * ratio ? 1 : 0;
    const underway = new Set(map.underway);
    pen.clearRect(0, 0, width, height);
    for (let i = 0; i < cells; i++) {
      const x = left(i);
      const w = Math.max(1, left(i + 1) - x - gap);
      const digit = Number(map.cells[i]);
      pen.fillStyle = colour('absent');
      pen.fillRect(x, top, w, height - top);
      if (digit > 0) {
        const h = digit === 9 ? height - top : Math.max(2, Math.round((height - top) * digit / 9));
        pen.fillStyle = colour('here');
        pen.fillRect(x, height - h, w, h);
      }
      if (underway.has(i) && digit < 9) {
        pen.fillStyle = colour('underway');
        pen.fillRect(x, top, w, Math.round((height - top) / (digit > 0 ? 2 : 1)));
      }
    }
    pen.fillStyle = colour('reader');
    for (const i of map.readers) {
      const x = (left(i) + left(i + 1)) / 2;
      const half = 4 * ratio;
      const middle = Math.min(Math.max(x, half), width - half);
      pen.beginPath();
      pen.moveTo(middle - half, 0);
      pen.lineTo(middle + half, 0);
      pen.lineTo(middle, top);
      pen.fill();
    }
  };
  const described = (file) => {
    const words = [percent(file.share) + ' here'];
    if (file.map.underway.length) words.push('some in flight');
    if (file.readers) words.push(count(file.readers, 'reader') + (file.map.waiting.length ? ', waiting' : ''));
    return words.join(', ');
  };
  const strip = (canvas, file) => {
    canvas.setAttribute('aria-label', described(file));
    draw(canvas, file.map);
  };

  // Rates are what two snapshots differ by.

  const seconds = () => before ? (new Date(now.node.now) - new Date(before.node.now)) / 1000 : 0;
  const speed = (item, old, name) => {
    const passed = seconds();
    return item && old && passed > 0 ? Math.max(0, (item[name] - old[name]) / passed) : 0;
  };
  const index = (list, key) => new Map((list || []).map((item) => [key(item), item]));
  const fileKey = (file) => file.site + ' ' + file.path;
  const peerKey = (peer) => peer.address;
  const volume = (total, perSecond) => total === 0 ? '–' : perSecond > 0 ? bytes(total) + ' · ' + rate(perSecond) : bytes(total);

  // The overview

  const fileLink = (file) => '#/file?' + new URLSearchParams({ site: file.site, path: file.path });
  const peerLink = (peer) => '#/peer?' + new URLSearchParams({ address: peer.address });

  const savings = (id, saved) => {
    const any = saved.delivered > 0;
    text($(id + '-ratio'), any ? percent(saved.ratio) : '–');
    text($(id + '-saved'), any ? bytes(saved.saved) + ' saved of ' + bytes(saved.delivered) : 'nothing delivered yet');
  };

  const chart = (throughput) => {
    const steps = throughput.steps;
    const names = SOURCES.filter(([name]) => steps[name] && (name !== 'content' || steps[name].some((n) => n > 0)));
    const length = steps.store.length;
    const sums = Array.from({ length }, (_, i) => names.reduce((sum, [name]) => sum + steps[name][i], 0));
    const most = Math.max(1, ...sums);
    const svg = $('chart');
    const ns = 'http://www.w3.org/2000/svg';
    const x = (i) => length < 2 ? 600 : 600 * i / (length - 1);
    const y = (n) => 156 - 150 * n / most;
    if (svg.childElementCount === 0) {
      for (const at of [6, 81]) {
        const line = document.createElementNS(ns, 'line');
        for (const [k, v] of Object.entries({ class: 'grid', x1: 0, x2: 600, y1: at, y2: at })) line.setAttribute(k, v);
        svg.append(line);
      }
      for (const [name] of SOURCES) {
        const path = document.createElementNS(ns, 'path');
        path.setAttribute('class', name);
        svg.append(path);
      }
    }
    let base = new Array(length).fill(0);
    for (const [name] of SOURCES) {
      const path = svg.querySelector('path.' + name);
      if (!names.some(([drawn]) => drawn === name) || length === 0) { path.setAttribute('d', ''); continue; }
      const over = base.map((n, i) => n + steps[name][i]);
      const up = over.map((n, i) => x(i).toFixed(1) + ' ' + y(n).toFixed(1));
      const down = base.map((n, i) => x(i).toFixed(1) + ' ' + y(n).toFixed(1)).reverse();
      path.setAttribute('d', 'M' + up.join('L') + 'L' + down.join('L') + 'Z');
      base = over;
    }
    const step = throughput.stepSeconds;
    const busy = sums.some((n) => n > 0);
    text($('chart-from'), length ? span(length * step) + ' ago' : '');
    text($('chart-max'), busy ? 'peak ' + rate(most / step) : 'nothing delivered in this time');
    const latest = names.map(([name, words]) => [words, length ? steps[name][length - 1] / step : 0]);
    const total = latest.reduce((sum, [, n]) => sum + n, 0);
    text($('rate-now'), rate(total));
    text($('chart-text'), 'Delivered now ' + rate(total) + ': ' + latest.map(([words, n]) => rate(n) + ' ' + words).join(', '));
    const delivered = now.node.delivered;
    keep($('legend'), names, ([name]) => name,
      ([name]) => el('li', {}, el('i', { class: 'key ' + name }), el('span')),
      (item, [name, words]) => text(item.lastChild, words + ' ' + bytes(delivered[name])));
  };

  const fileRow = (file) => el('tr', {},
    el('td', { class: 'name' }, el('a', { href: fileLink(file) }, file.path), el('small')),
    el('td', { class: 'pieces' }, el('canvas', { class: 'strip', role: 'img' })),
    cell('Here', 'num'), cell('Size', 'num'), cell('Readers', 'num'), cell('Peers', 'num'),
    cell('From peers', 'num wide'), cell('To peers', 'num wide'));
  const stateOf = (file) => {
    if (file.state === 'hashing') return 'hashing, ' + percent(file.hashed / file.length);
    if (file.state === 'queued') return 'waits to be hashed';
    // The file's page has all of it.
    return file.infoHash ? 'generation ' + file.infoHash.slice(0, 8) : '';
  };
  const files = (shown, old) => {
    const several = now.node.sites.length > 1;
    // Before its maps are drawn, which need to know how wide they are.
    show($('files'), shown.files.length > 0);
    keep($('files').tBodies[0], shown.files, fileKey, fileRow, (row, file) => {
      const [name, pieces, here, size, readers, peers, down, up] = row.children;
      const state = [several ? file.site : '', stateOf(file)].filter(Boolean).join(' · ');
      text(name.lastChild, state);
      strip(pieces.firstChild, file);
      text(here, file.infoHash ? percent(file.share) : 'on disk');
      text(size, bytes(file.length));
      text(readers, String(file.readers));
      text(peers, String(file.peers));
      text(down, volume(file.downloaded, speed(file, old.get(fileKey(file)), 'downloaded')));
      text(up, volume(file.uploaded, speed(file, old.get(fileKey(file)), 'uploaded')));
    });
    const query = $('search').value;
    show($('files-empty'), shown.files.length === 0);
    text($('files-empty'), query ? 'No file has “' + query + '” in its path.'
      : 'No files yet. A publisher’s appear when they are found on disk, an edge’s when they are first asked for.');
    show($('files-more'), shown.total > shown.files.length);
    text($('files-more'), count(shown.total - shown.files.length, 'more file') + ' not shown; find them by path.');
  };

  const peerRow = (peer) => el('tr', {},
    el('td', { class: 'name' }, el('a', { href: peerLink(peer) }, peer.address), el('small')),
    cell('Program'), cell('Files', 'num'), cell('From it', 'num wide'), cell('To it', 'num wide'));
  const peers = (list, old) => {
    keep($('peers').tBodies[0], list, peerKey, peerRow, (row, peer) => {
      text(row.children[0].lastChild, peer.root ? 'publisher or seed' : '');
      text(row.children[1], peer.client || 'doesn’t say');
      text(row.children[2], String(peer.torrents));
      text(row.children[3], volume(peer.downloaded, speed(peer, old.get(peer.address), 'downloaded')));
      text(row.children[4], volume(peer.uploaded, speed(peer, old.get(peer.address), 'uploaded')));
    });
    show($('peers'), list.length > 0);
    show($('peers-empty'), list.length === 0);
  };

  const eventItem = () => el('li', {}, el('time', { class: 'muted' }), el('span', { class: 'tag' }), el('span', { class: 'what' }));
  const events = (list) => {
    keep($('events'), list, (event) => event.kind + event.subject + event.at + (event.kind === 'admin' ? event.reason : ''), eventItem, (item, event) => {
      const [when, tag, what] = item.children;
      when.dateTime = event.last;
      text(when, time(event.last));
      tag.className = 'tag ' + event.kind;
      text(tag, event.kind);
      text(what, event.subject + ': ' + event.reason + (event.count > 1 ? ' (' + event.count.toLocaleString('en') + ' times)' : ''));
    });
    show($('events-empty'), list.length === 0);
  };

  const preheats = (list) => {
    show($('preheats-section'), list.length > 0);
    keep($('preheats').tBodies[0], list, (one) => String(one.id),
      () => el('tr', {}, el('td', { class: 'name' }), cell('State'),
        el('td', {}, el('progress', { 'aria-label': 'Progress' }), ' ', el('span')), cell('Reason')),
      (row, one) => {
        text(row.children[0], one.path);
        text(row.children[1], one.state);
        const bar = row.children[2].firstChild;
        bar.max = Math.max(1, one.length);
        bar.value = one.done;
        text(row.children[2].lastChild, bytes(one.done) + ' of ' + bytes(one.length));
        text(row.children[3], one.reason || '');
      });
  };

  const bans = (list) => {
    show($('bans-section'), list.length > 0);
    keep($('bans').tBodies[0], list, (ban) => ban.address + ban.whole,
      (ban) => el('tr', {}, el('td', { class: 'name' }, ban.address), cell('Who', 'wide'), cell('Left', 'num wide'),
        el('td', {}, el('button', { type: 'button', 'aria-label': 'End the ban of ' + ban.address, onclick: () => act('/unban', { address: ban.address }, 'The ban of ' + ban.address + ' is over.') }, 'End'))),
      (row, ban) => {
        text(row.children[1], ban.whole ? 'everyone there' : 'one peer there');
        text(row.children[2], span(ban.secondsLeft));
      });
  };

  const facts = (list, items) => keep(list, items.flatMap(([name, value]) => [['dt', name, name], ['dd', name, value]]),
    ([tag, name]) => tag + name, ([tag]) => el(tag), (node, [, , value]) => text(node, value));

  const title = (page) => { document.title = (page ? page + ' – ' : '') + 'Swarmgate at ' + location.host; };
  const header = (node) => {
    if (document.body.classList.contains('stale')) return;
    const words = { ok: 'Healthy', warning: 'Look here', failing: node.stopping ? 'Stopping' : node.draining ? 'Draining' : 'Unhealthy' };
    const state = $('state');
    state.className = 'badge ' + node.health.status;
    text(state, words[node.health.status]);
    text($('role'), [...new Set(node.sites.flatMap((site) => site.roles))].join(', ') + ' at ' + location.host);
    const said = [...node.health.reasons, ...node.health.warnings];
    const notice = $('notice');
    notice.className = 'notice ' + node.health.status;
    text(notice, said.join('. '));
    show(notice, said.length > 0);
  };

  const overview = () => {
    const node = now.node;
    savings('today', node.savings.today);
    savings('week', node.savings.week);
    savings('ever', node.savings.ever);
    text($('responses'), node.responses.toLocaleString('en'));
    text($('torrents'), count(node.torrents, 'file') + ' awake');
    text($('peer-count'), node.peers.toLocaleString('en'));
    text($('peer-rates'), rate(speed(node, before && before.node, 'downloaded')) + ' from, ' + rate(speed(node, before && before.node, 'uploaded')) + ' to them');
    text($('store-used'), bytes(node.store.used));
    $('store-bar').value = node.store.used / Math.max(1, node.store.max);
    text($('store-max'), 'of ' + bytes(node.store.max));
    chart(now.throughput);
    const query = $('search').value;
    files(query && searched ? searched : now.files, index(before && before.files.files, fileKey));
    peers(now.peers, index(before && before.peers, peerKey));
    preheats(now.preheats);
    bans(node.bans);
    events(now.events);
    const scrub = node.store.scrub;
    facts($('facts'), [
      ['Version', node.version],
      ['Running since', time(node.startedAt)],
      ['Savings since', time(node.savings.since)],
      ['From origins', bytes(node.fetched)],
      ['Sites', node.sites.map((site) => site.id + ' (' + site.roles.join(', ') + '): ' + count(site.files, 'file') + ', ' + site.patterns.join(' ')).join('; ')],
      ['Scrub', !scrub ? 'none since the start' : (scrub.running ? 'running: ' : 'done: ') + count(scrub.checked, 'piece') + ' of ' + scrub.total.toLocaleString('en') + ' checked, ' + scrub.damaged + ' damaged'],
    ]);
    text($('drain'), node.stopping ? 'Stop now …' : node.draining ? 'End draining' : 'Drain');
    $('scrub').disabled = Boolean(scrub && scrub.running);
  };

  // A page for one file, or one peer

  const detail = $('detail');
  const fresh = (heading, ...parts) => {
    if (detail.dataset.page === location.hash) return false;
    detail.dataset.page = location.hash;
    detail.replaceChildren(el('p', {}, el('a', { href: '#/' }, '← Overview')), el('h1', { class: 'name' }, heading), ...parts);
    title(heading);
    $('main').focus();
    return true;
  };
  const gone = (words) => {
    if (detail.dataset.page === words) return;
    detail.dataset.page = words;
    detail.replaceChildren(el('p', {}, el('a', { href: '#/' }, '← Overview')), el('p', { class: 'empty', role: 'status' }, words));
  };

  const filePage = async (site, path) => {
    const hash = location.hash;
    const response = await fetch('/api/v1/file?' + new URLSearchParams({ site, path }));
    if (location.hash !== hash) return;
    if (response.status === 404) { gone('The node knows no file ' + path + ' any more.'); return; }
    if (!response.ok) throw new Error('HTTP ' + response.status);
    const file = await response.json();
    fresh(path,
      el('section', {}, el('h2', {}, 'Pieces'), el('div', { class: 'panel' }, el('canvas', { class: 'strip big', role: 'img' })),
        el('ul', { class: 'legend' }, ...['have', 'underway', 'absent', 'reader'].map((name, i) => el('li', {}, el('i', { class: 'key ' + name }), ['here', 'in flight', 'absent', 'a reader'][i])))),
      el('section', {}, el('h2', {}, 'Facts'), el('dl', { class: 'facts' })),
      el('section', {}, el('h2', {}, 'Peers of this file'),
        el('table', { class: 'cards' }, el('thead', {}, el('tr', {}, ...['Peer', 'Its pieces', 'From it', 'To it'].map((name, i) => el('th', { scope: 'col', class: i ? 'num' : null }, name)))), el('tbody')),
        el('p', { class: 'empty' }, 'No peer of this file is connected at the moment.')),
      el('section', {}, el('h2', {}, 'Its events'), el('ol', { class: 'events' }), el('p', { class: 'empty' }, 'None of late.')),
      el('p', { class: 'buttons' },
        el('button', { type: 'button', onclick: () => preheatDialog(site, path) }, 'Preheat …'),
        el('button', { type: 'button', onclick: (event) => check(event.currentTarget, { site, path: path.split('?')[0] }) }, 'Check the delivery'),
        el('button', { type: 'button', class: 'danger', onclick: () => purgeDialog(site, path) }, 'Purge …')),
      el('div', { class: 'findings', 'aria-live': 'polite' }));
    strip(detail.querySelector('canvas'), file);
    const row = now.files.files.find((one) => fileKey(one) === fileKey(file));
    const was = before && before.files.files.find((one) => fileKey(one) === fileKey(file));
    facts(detail.querySelector('dl'), [
      ['Site', file.site],
      ['Size', bytes(file.length) + ' (' + count(file.length, 'byte') + ')'],
      ['Here', file.infoHash ? percent(file.share) : ['on disk', stateOf(file)].filter(Boolean).join(', ')],
      ['State', file.state],
      ['Generation', file.infoHash || 'not hashed yet'],
      ['Pieces', file.pieces ? count(file.pieces, 'piece') + ' of ' + bytes(file.pieceLength) : 'told once somebody reads it'],
      ['Readers', file.readers + (file.map.waiting.length ? ', waiting for pieces' : '')],
      ['From peers', volume(file.downloaded, speed(row, was, 'downloaded')) + (file.downloaded ? ' since it woke' : '')],
      ['To peers', volume(file.uploaded, speed(row, was, 'uploaded')) + (file.uploaded ? ' since it woke' : '')],
    ]);
    const list = !file.infoHash ? [] : now.peers.flatMap((peer) => peer.shares.filter((share) => share.infoHash === file.infoHash).map((share) => ({ peer, share })));
    const table = detail.querySelector('table');
    keep(table.tBodies[0], list, ({ peer }) => peer.address,
      ({ peer }) => el('tr', {}, el('td', { class: 'name' }, el('a', { href: peerLink(peer) }, peer.address)), cell('Its pieces', 'num wide'), cell('From it', 'num wide'), cell('To it', 'num wide')),
      (row, { share }) => {
        text(row.children[1], share.pieces + ' of ' + share.of);
        text(row.children[2], bytes(share.downloaded));
        text(row.children[3], bytes(share.uploaded));
      });
    show(table, list.length > 0);
    show(table.nextElementSibling, list.length === 0);
    const name = path.split('?')[0].split('/').pop();
    const own = now.events.filter((event) => event.subject === path || event.subject === name);
    const items = detail.querySelector('ol');
    keep(items, own, (event) => event.kind + event.at, eventItem, (item, event) => {
      text(item.children[0], time(event.last));
      item.children[1].className = 'tag ' + event.kind;
      text(item.children[1], event.kind);
      text(item.children[2], event.reason + (event.count > 1 ? ' (' + event.count + ' times)' : ''));
    });
    show(items.nextElementSibling, own.length === 0);
  };

  const peerPage = (address) => {
    const peer = now.peers.find((one) => one.address === address);
    if (!peer) { gone('The peer ' + address + ' is not connected any more.'); return; }
    const old = before && before.peers.find((one) => one.address === address);
    const host = address.replace(/:\d+$/, '').replace(/^\[|\]$/g, '').replace(/^.*\//, '');
    fresh(address,
      el('section', {}, el('h2', {}, 'Facts'), el('dl', { class: 'facts' })),
      el('section', {}, el('h2', {}, 'Files'),
        el('table', { class: 'cards' }, el('thead', {}, el('tr', {}, ...['File', 'Its pieces', 'From it', 'To it'].map((name, i) => el('th', { scope: 'col', class: i ? 'num' : null }, name)))), el('tbody'))),
      el('p', { class: 'buttons' }, el('button', { type: 'button', class: 'danger', onclick: () => banDialog(host) }, 'Ban …')));
    facts(detail.querySelector('dl'), [
      ['Program', peer.client || 'doesn’t say'],
      ['Connection', peer.dialled ? 'made by this node' : 'made by the peer'],
      ['Role', peer.root ? 'publisher or seed: sends each piece as few times as it can' : 'edge: shares what it has'],
      ['From it', bytes(peer.downloaded) + ', ' + rate(speed(peer, old, 'downloaded')) + ' now'],
      ['To it', bytes(peer.uploaded) + ', ' + rate(speed(peer, old, 'uploaded')) + ' now'],
    ]);
    keep(detail.querySelector('tbody'), peer.shares, (share) => share.infoHash,
      (share) => {
        const of = now.files.files.filter((file) => file.infoHash === share.infoHash);
        return el('tr', {}, el('td', { class: 'name' }, of.length === 1 ? el('a', { href: fileLink(of[0]) }, of[0].path) : share.name), cell('Its pieces', 'num wide'), cell('From it', 'num wide'), cell('To it', 'num wide'));
      },
      (row, share) => {
        text(row.children[1], share.pieces + ' of ' + share.of);
        text(row.children[2], bytes(share.downloaded));
        text(row.children[3], bytes(share.uploaded));
      });
  };

  const render = () => {
    if (!now) return;
    header(now.node);
    const [page, query] = location.hash.replace(/^#\/?/, '').split('?');
    const at = new URLSearchParams(query || '');
    const onDetail = page === 'file' || page === 'peer';
    show($('loading'), false);
    show($('overview'), !onDetail);
    show(detail, onDetail);
    if (page === 'file') filePage(at.get('site'), at.get('path')).catch(() => lost());
    else if (page === 'peer') peerPage(at.get('address'));
    else {
      if (detail.dataset.page) { delete detail.dataset.page; title(); $('main').focus(); }
      overview();
    }
  };

  // Actions

  const toast = (words) => {
    const note = $('toast');
    text(note, words);
    show(note, true);
    clearTimeout(timer);
    timer = setTimeout(() => show(note, false), 6000);
  };
  const act = async (path, values, done) => {
    try {
      const response = await fetch(path, { method: 'POST', headers: { 'Swarmgate-Action': 'page' }, body: new URLSearchParams(values) });
      const answer = await response.json();
      toast(response.ok ? (typeof done === 'function' ? done(answer) : done) : 'Refused: ' + (answer.error || response.status));
    } catch (e) {
      toast('The node could not be reached.');
    }
  };
  /** Has the node look at itself and at how its origins deliver a file; below the button that asked for it. */
  const check = async (button, values) => {
    const words = button.textContent;
    button.disabled = true;
    text(button, 'Checking, for some seconds …');
    await act('/doctor', values, (found) => {
      button.parentElement.nextElementSibling.replaceChildren(...Object.entries(found).map(([what, findings]) =>
        el('section', {}, el('h2', { class: 'name' }, what === 'node' ? 'This node' : what), el('ol', { class: 'events' }, ...findings.map((one) =>
          el('li', {}, el('span', { class: 'muted' }, one.check), el('span', { class: 'tag ' + one.level.toLowerCase() }, one.level.toLowerCase()),
            el('span', { class: 'what' }, one.found + (one.advice ? ': ' + one.advice : ''))))))));
      return 'Checked; what was found is at the end of the page.';
    });
    button.disabled = false;
    text(button, words);
  };
  const ask = (title, words, fields, ok, then) => {
    const dialog = $('dialog');
    text($('dialog-title'), title);
    text($('dialog-text'), words);
    text($('dialog-ok'), ok);
    $('dialog-fields').replaceChildren(...fields.map(([name, label, value, type]) => type === 'checkbox'
      ? el('label', {}, el('input', { type, name }), label)
      : el('label', {}, el('span', {}, label), el('input', { name, value: value || '', type: 'text', autocomplete: 'off', required: type === 'required' ? '' : null }))));
    dialog.returnValue = '';
    dialog.onclose = () => {
      if (dialog.returnValue !== 'ok') return;
      const values = {};
      for (const input of dialog.querySelectorAll('input')) {
        if (input.type === 'checkbox' ? input.checked : input.value) values[input.name] = input.type === 'checkbox' ? 'true' : input.value.trim();
      }
      then(values);
    };
    dialog.showModal();
  };
  const siteField = (site) => now.node.sites.length > 1 ? [['site', 'Site', site || now.node.sites[0].id]] : [];
  const preheatDialog = (site, path) => ask('Preheat', 'Fetches a file into the store before anybody asks for it.',
    [...siteField(site), ['path', 'Path', path ? path.split('?')[0] : '', 'required'], ['range', 'Range of bytes, such as 0-1048575; all of it if empty'], ['priority', 'Priority, the higher the sooner', '0']],
    'Preheat', (values) => act('/preheat', values, 'The preheat has begun; its progress is on the overview.'));
  const purgeDialog = (site, path) => ask('Purge', 'Forgets the file: its pieces, metainfo, and what the origin said of it. The next request fetches it anew.',
    [...siteField(site), path ? ['path', 'Path', path.split('?')[0], 'required'] : ['prefix', 'Paths that begin with', '', 'required'], ['abort', 'Cut off responses that run', '', 'checkbox']],
    'Purge', (values) => act('/purge', values, (answer) => count(answer.files, 'file') + ' purged' + (answer.pending ? ', ' + answer.pending + ' of them when the responses that run have ended.' : '.')));
  const banDialog = (address) => ask('Ban ' + address, 'Disconnects every peer at this address, and lets none in from there.',
    [['address', 'Address', address], ['minutes', 'Minutes', '60'], ['reason', 'Reason']], 'Ban',
    (values) => act('/ban', values, address + ' is banned.'));

  $('preheat').onclick = () => preheatDialog();
  $('purge').onclick = () => purgeDialog();
  $('scrub').onclick = () => act('/scrub', {}, 'The scrub has begun.');
  $('drain').onclick = () => {
    if (now.node.stopping) ask('Stop now', 'Cuts off ' + count(now.node.responses, 'response') + ' that the node waits for before it ends.', [], 'Stop now', () => act('/drain', { seconds: '0' }, 'The node ends.'));
    else if (now.node.draining) act('/drain', { on: 'false' }, 'The node takes new clients again.');
    else ask('Drain this node', 'Health checks answer 503 from now on, so that balancers send nobody new. What runs goes on, and so does seeding.', [], 'Drain', () => act('/drain', {}, 'The node drains.'));
  };

  // Searching, which a snapshot's first hundred files don't suffice for

  let searching = 0;
  const search = async () => {
    const query = $('search').value;
    const mine = ++searching;
    if (!query) { searched = null; render(); return; }
    try {
      const response = await fetch('/api/v1/files?' + new URLSearchParams({ query }));
      if (mine === searching && response.ok) { searched = await response.json(); render(); }
    } catch (e) { /* The stream tells that the node is gone. */ }
  };
  $('search').oninput = search;

  // The stream

  const lost = () => {
    document.body.classList.add('stale');
    text($('link'), 'Connection lost, trying again …');
    if (!now) { text($('loading'), 'The node doesn’t answer. Trying again …'); return; }
    // What it said last may be wrong by now.
    $('state').className = 'badge failing';
    text($('state'), 'No answer');
    $('notice').className = 'notice failing';
    text($('notice'), 'The node doesn’t answer. What is shown is from ' + time(now.node.now) + '.');
    show($('notice'), true);
  };
  const connect = () => {
    const stream = new EventSource('/api/v1/stream');
    stream.addEventListener('snapshot', (event) => {
      before = now;
      now = JSON.parse(event.data);
      document.body.classList.remove('stale');
      text($('link'), 'Live');
      if ($('search').value && now.files.total > 0) search();
      render();
    });
    stream.onerror = () => {
      lost();
      // A browser gives up by itself after an answer that isn't a stream.
      if (stream.readyState === EventSource.CLOSED) setTimeout(connect, 3000);
    };
  };
  window.addEventListener('hashchange', render);
  window.addEventListener('resize', render);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', render);
  title();
  connect();
})();
