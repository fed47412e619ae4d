-- Starts the language server for the open file and says what the editor has then. Run by neovim.sh.
local function wait(what, done)
  if not vim.wait(20000, done, 20) then
    error("nothing came: " .. what)
  end
end

local buffer = vim.api.nvim_get_current_buf()
vim.bo.filetype = "yaml"
local id = vim.lsp.start_client({
  name = "scalegen",
  cmd = { vim.env.SCALEGEN, "lsp" },
  root_dir = vim.fn.getcwd(),
})
vim.lsp.buf_attach_client(buffer, id)
wait("diagnostics", function()
  return #vim.diagnostic.get(buffer) > 0
end)

local shown = {}
for _, one in ipairs(vim.diagnostic.get(buffer)) do
  table.insert(shown, {
    line = one.lnum + 1,
    column = one.col + 1,
    code = one.code or (one.user_data and one.user_data.lsp and one.user_data.lsp.code),
    message = one.message,
    source = one.source,
  })
end

vim.api.nvim_win_set_cursor(0, { tonumber(vim.env.LINE), tonumber(vim.env.COLUMN) - 1 })
local client = vim.lsp.get_client_by_id(id)
local function ask(method, params)
  local answers = vim.lsp.buf_request_sync(buffer, method, params, 20000)
  local answer = answers and answers[id]
  if not answer or answer.error then
    error(method .. ": " .. vim.inspect(answer))
  end
  return answer.result
end

local hover = ask("textDocument/hover", vim.lsp.util.make_position_params(0, client.offset_encoding))
local range = vim.lsp.util.make_range_params(0, client.offset_encoding)
range.context = { diagnostics = {} }
local titles = {}
local actions = ask("textDocument/codeAction", range) or {}
for _, action in ipairs(actions) do
  table.insert(titles, action.title)
end
if actions[1] then
  vim.lsp.util.apply_workspace_edit(actions[1].edit, client.offset_encoding)
end
local text = table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), "\n") .. "\n"
local answer = {
  diagnostics = shown,
  hover = hover and hover.contents.value or "",
  actions = titles,
  text = text,
}
io.stderr:write("\n" .. vim.fn.json_encode(answer) .. "\n")
vim.lsp.stop_client(id)
