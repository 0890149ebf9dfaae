// Draws each chart over the table that holds its figures. Without scripts the table is what there is to read.
(() => {
  "use strict";
  if (typeof uPlot === "undefined") return;

  const HEIGHT = 280;
  const drawn = new Map();

  const tone = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

  function faded(colour, alpha) {
    const canvas = document.createElement("canvas").getContext("2d");
    canvas.fillStyle = colour;
    const [r, g, b] = canvas.fillStyle.match(/[0-9a-f]{2}/gi).map((pair) => parseInt(pair, 16));
    return `rgb(${r} ${g} ${b} / ${alpha})`;
  }

  const short = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
  const whole = new Intl.NumberFormat("en");
  const compact = (digits, value) =>
    new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: digits }).format(value);
  const FORMATS = {
    count: (value) => whole.format(value),
    percent: (value) => `${(100 * value).toFixed(1)} %`,
    figure: (value) => value.toFixed(3),
    time: (value) => new Date(value * 1000).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" }),
  };
  // The labels of an axis, with as many digits as tell its ticks apart: a narrow range would repeat one label.
  function labels(ticks, format) {
    const ways = {
      count: [short.format, (value) => compact(3, value), whole.format],
      percent: [0, 1, 2, 3].map((digits) => (value) => `${(100 * value).toFixed(digits)} %`),
      figure: [2, 3, 4, 5].map((digits) => (value) => value.toFixed(digits)),
      time: [FORMATS.time, (value) => new Date(value * 1000).toLocaleTimeString("en-GB")],
    }[format];
    const written = ways.map((write) => ticks.map((tick) => write(tick)));
    return written.find((texts) => new Set(texts).size === texts.length) || written.at(-1);
  }

  function options(spec, width) {
    const ink = tone("ink-soft");
    const line = tone("line");
    const font = `12px ${getComputedStyle(document.body).fontFamily}`;
    const axis = { stroke: ink, font, grid: { stroke: line, width: 1 }, ticks: { show: false } };
    const series = [{}];
    const bands = [];
    const data = [spec.x.values];
    for (const curve of spec.series) {
      const colour = tone(curve.tone);
      if (curve.low) {
        const edge = { stroke: "transparent", width: 0, spanGaps: true, points: { show: false } };
        series.push({ ...edge }, { ...edge });
        data.push(curve.high, curve.low);
        bands.push({ series: [data.length - 2, data.length - 1], fill: faded(colour, 0.16) });
      }
      series.push({
        label: curve.label,
        stroke: colour,
        width: curve.marks ? 0 : 2,
        dash: curve.dash ? [5, 4] : undefined,
        spanGaps: !curve.marks,
        paths: curve.marks ? () => null : undefined,
        points: { show: true, size: curve.marks ? 10 : 5, width: 2, stroke: colour, fill: curve.marks ? tone("surface") : colour },
      });
      data.push(curve.values);
    }
    return [{
      width,
      height: HEIGHT,
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 9 } },
      scales: { x: { time: false, range: padded }, y: { range: spec.y.zero ? (u, low, high) => [0, high * 1.08 || 1] : undefined } },
      axes: [
        { ...axis, size: 30, space: 76, values: (u, ticks) => labels(ticks, spec.x.format) },
        { ...axis, size: 56, values: (u, ticks) => labels(ticks, spec.y.format) },
      ],
      series,
      bands,
    }, data];
  }

  // A single point, or points at one x, would make a range of no width.
  function padded(u, low, high) {
    const room = (high - low || Math.abs(high) || 1) * 0.03;
    return [low - room, high + room];
  }

  // Numbered lines where something changed; the list beside the chart says what. Numbers that would lie upon each other
  // stand one below the other.
  function drawChanges(u, changes) {
    const ctx = u.ctx;
    const ratio = devicePixelRatio;
    const { left, top, width, height } = u.bbox;
    const radius = 9 * ratio;
    let last = -Infinity;
    let row = 0;
    ctx.save();
    ctx.font = `600 ${12 * ratio}px ${getComputedStyle(document.body).fontFamily}`;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    for (const change of changes) {
      const x = Math.round(u.valToPos(change.at, "x", true));
      if (x < left - 1 || x > left + width + 1) continue;
      row = x - last < 2.2 * radius ? row + 1 : 0;
      last = x;
      const y = top + radius + 2 * ratio + row * 2.2 * radius;
      ctx.strokeStyle = tone("ink-soft");
      ctx.lineWidth = ratio;
      ctx.setLineDash([2 * ratio, 3 * ratio]);
      ctx.beginPath();
      ctx.moveTo(x, y + radius);
      ctx.lineTo(x, top + height);
      ctx.stroke();
      ctx.fillStyle = tone("ink");
      ctx.beginPath();
      ctx.arc(x, y, radius, 0, 2 * Math.PI);
      ctx.fill();
      ctx.fillStyle = tone("surface");
      ctx.fillText(change.number, x, y + ratio / 2);
    }
    ctx.restore();
  }

  function words(spec, index) {
    const format = FORMATS[spec.y.format];
    const parts = [`${spec.x.label} ${FORMATS[spec.x.format](spec.x.values[index])}`];
    for (const curve of spec.series) {
      const value = curve.values[index];
      if (value === null || value === undefined) continue;
      const reach = curve.low && curve.low[index] !== null ? ` (${format(curve.low[index])} to ${format(curve.high[index])})` : "";
      parts.push(`${curve.label} ${format(value)}${reach}`);
    }
    if (spec.notes && spec.notes[index]) parts.push(spec.notes[index]);
    return parts.join(" · ");
  }

  function draw(figure) {
    const spec = JSON.parse(figure.dataset.spec);
    if (spec.x.values.length < 2) return;
    const place = figure.querySelector(".plot");
    const readout = figure.querySelector(".readout");
    place.hidden = false;
    place.replaceChildren();
    const [settings, data] = options(spec, place.clientWidth);
    let at = spec.x.values.length - 1;
    settings.hooks = {
      draw: [(u) => drawChanges(u, spec.changes)],
      setCursor: [(u) => {
        if (u.cursor.idx === null || u.cursor.idx === undefined) return;
        at = u.cursor.idx;
        readout.textContent = words(spec, at);
      }],
    };
    const plot = new uPlot(settings, data, place);
    readout.textContent = words(spec, at);
    const move = (step) => {
      at = Math.min(spec.x.values.length - 1, Math.max(0, at + step));
      plot.setCursor({ left: plot.valToPos(spec.x.values[at], "x"), top: 10 });
    };
    place.onkeydown = (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1, Home: -1e9, End: 1e9 }[event.key];
      if (step === undefined) return;
      event.preventDefault();
      move(step);
    };
    const table = figure.querySelector("details");
    if (table && !figure.dataset.drawn) table.open = false;
    figure.dataset.drawn = "1";
    drawn.set(figure, plot);
  }

  const resized = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      const plot = drawn.get(target.closest("figure"));
      if (plot && target.clientWidth && Math.abs(plot.width - target.clientWidth) > 1)
        plot.setSize({ width: target.clientWidth, height: HEIGHT });
    }
  });

  function drawAll(within) {
    for (const figure of drawn.keys()) if (!figure.isConnected) drawn.delete(figure);
    for (const figure of within.querySelectorAll("figure[data-spec]")) {
      draw(figure);
      resized.observe(figure.querySelector(".plot"));
    }
  }

  drawAll(document);
  document.addEventListener("flywheel:part", (event) => drawAll(event.detail));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawAll(document));
})();
