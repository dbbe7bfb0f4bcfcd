/* Puts interactive pictures in place of the still ones. Where anything fails, the still ones stay.
   No storage, no network: the page is shown in a sandboxed frame too. */
"use strict";
(async () => {
  const unpack = async (id) => {
    const packed = Uint8Array.from(atob(document.getElementById(id).textContent.trim()), (c) =>
      c.charCodeAt(0),
    );
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).text();
  };
  addEventListener("beforeprint", () =>
    document.querySelectorAll("details").forEach((one) => (one.open = true)),
  );
  const source = document.getElementById("plotly");
  if (!source || typeof DecompressionStream === "undefined") return;
  const script = document.createElement("script");
  script.textContent = await unpack("plotly");
  document.head.append(script);
  if (typeof Plotly === "undefined") return;
  const charts = JSON.parse(document.getElementById("charts").textContent);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const coarse = matchMedia("(pointer: coarse)").matches;
  const theme = () => {
    const style = getComputedStyle(document.documentElement);
    const value = (name) => style.getPropertyValue(name).trim();
    return { ink: value("--ink"), line: value("--line"), ground: value("--ground") };
  };
  const draw = (figure, chart) => {
    const { ink, line, ground } = theme();
    const axis = { gridcolor: line, linecolor: line, tickcolor: line };
    const layout = {
      ...chart.layout,
      dragmode: coarse ? false : "zoom", // a finger scrolls the page
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      font: { color: ink, size: 12, family: "system-ui, sans-serif" },
      hoverlabel: { bgcolor: ground, bordercolor: line, font: { color: ink } },
      xaxis: { ...chart.layout.xaxis, ...axis },
      yaxis: { ...chart.layout.yaxis, ...axis },
    };
    const config = { responsive: true, displayModeBar: false };
    figure.classList.add("live");
    return Plotly.react(figure.querySelector(".plot"), chart.data, layout, config);
  };
  const all = () =>
    document.querySelectorAll("figure[data-chart]").forEach((figure) => {
      draw(figure, charts[Number(figure.dataset.chart)]).catch(() =>
        figure.classList.remove("live"),
      );
    });
  all();
  dark.addEventListener("change", all);
})().catch(() => {});
