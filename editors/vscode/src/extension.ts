// Starts `scalegen lsp` and connects it to the editor. Everything else is done by the server.
import { ExtensionContext, commands, window, workspace } from "vscode";
import { LanguageClient, LanguageClientOptions, ServerOptions, TransportKind } from "vscode-languageclient/node";

let client: LanguageClient | undefined;

async function start(): Promise<void> {
  const settings = workspace.getConfiguration("scalegen");
  const server: ServerOptions = {
    command: settings.get<string>("path", "scalegen"),
    args: ["lsp", ...settings.get<string[]>("arguments", [])],
    transport: TransportKind.stdio,
  };
  const options: LanguageClientOptions = {
    // the server decides by name and content which of these files are specs
    documentSelector: [
      { scheme: "file", language: "yaml" },
      { scheme: "untitled", language: "yaml" },
    ],
  };
  client = new LanguageClient("scalegen", "scalegen", server, options);
  try {
    await client.start();
  } catch (error) {
    void window.showErrorMessage(`scalegen lsp does not start: ${String(error)}. Is scalegen installed, or "scalegen.path" set?`);
  }
}

export async function activate(context: ExtensionContext): Promise<void> {
  const restart = async (): Promise<void> => {
    await deactivate();
    await start();
  };
  context.subscriptions.push(commands.registerCommand("scalegen.restart", restart));
  await start();
}

export async function deactivate(): Promise<void> {
  const running = client;
  client = undefined;
  if (running?.needsStop()) {
    await running.stop();
  }
}
