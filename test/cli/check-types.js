const ts = require('typescript');

// `node check-types.js <file> ...` where their tsconfig.json is: what the compiler finds wrong in these files, and only there.
const files = process.argv.slice(2);
const host = {
  ...ts.sys,
  onUnRecoverableConfigFileDiagnostic(found) {
    throw new Error(String(found.messageText));
  },
};
const { options } = ts.getParsedCommandLineOfConfigFile('tsconfig.json', { incremental: false }, host);
const program = ts.createProgram(files, options);
const found = [
  ...program.getOptionsDiagnostics(),
  ...files.flatMap((file) => {
    const source = program.getSourceFile(file);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
  }),
];
process.stdout.write(ts.formatDiagnostics(found, ts.createCompilerHost(options)));
process.exitCode = found.length > 0 ? 1 : 0;
