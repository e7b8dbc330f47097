/** Loaded by `--require`: at its end the process names the packages that it loaded, on a line of its standard error. */
process.on('exit', () => {
  const names = Object.keys(require.cache).flatMap(
    (file) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? [],
  );
  process.stderr.write(`loaded: ${[...new Set(names)].join(' ')}\n`);
});
