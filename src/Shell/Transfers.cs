using System.Net;
using Spectre.Console;

namespace Rqlite.Pg.Shell;

/// <summary>Whole databases, to and from files.</summary>
internal static class Transfers
{
    private const int BufferBytes = 128 << 10;

    /// <summary>Writes an answer to a file, which is there as a whole or not at all.</summary>
    public static async Task ReceiveAsync(ShellSession session, string path, string file, CancellationToken token)
    {
        var part = file + ".part";
        try
        {
            await ProgressBar.RunAsync(session, file, async progress => await session.Server.ReceiveAsync(
                path,
                async (stream, length) =>
                {
                    var target = new FileStream(part, FileMode.Create, FileAccess.Write);
                    await using (target.ConfigureAwait(false))
                    {
                        progress.SetTotal(length);
                        await CopyAsync(stream, target, progress, token).ConfigureAwait(false);
                    }
                },
                token).ConfigureAwait(false)).ConfigureAwait(false);
            File.Move(part, file, overwrite: true);
        }
        catch
        {
            File.Delete(part);
            throw;
        }

        session.Output.WriteLine($"backup file written successfully: {file}, {new FileInfo(file).Length} bytes");
    }

    /// <summary>Sends a file.</summary>
    public static async Task SendAsync(ShellSession session, string path, string file, CancellationToken token)
    {
        if (!File.Exists(file))
        {
            throw new ShellException($"{file} is no file");
        }

        var answer = "";
        await ProgressBar.RunAsync(session, file, async progress =>
        {
            progress.SetTotal(new FileInfo(file).Length);
            answer = await session.Server.AskAsync(
                HttpMethod.Post, path, () => new FileBody(file, progress), token, unlimited: true).ConfigureAwait(false);
        }).ConfigureAwait(false);
        if (answer.Length > 0 && ResultSet.Read(answer).FirstOrDefault(static result => result.Error is not null) is { Error: { } error })
        {
            throw new ShellException(error);
        }

        session.Output.WriteLine($"{(path == "boot" ? "node booted" : "database restored")} successfully: {file}");
    }

    private static async Task CopyAsync(Stream from, Stream to, TransferProgress progress, CancellationToken token)
    {
        var buffer = new byte[BufferBytes];
        while (await from.ReadAsync(buffer, token).ConfigureAwait(false) is > 0 and var count)
        {
            await to.WriteAsync(buffer.AsMemory(0, count), token).ConfigureAwait(false);
            progress.Add(count);
        }
    }

    private sealed class FileBody : HttpContent
    {
        private readonly string _file;
        private readonly TransferProgress _progress;

        public FileBody(string file, TransferProgress progress)
        {
            (_file, _progress) = (file, progress);
            Headers.ContentType = new("application/octet-stream");
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var source = new FileStream(_file, FileMode.Open, FileAccess.Read);
            await using (source.ConfigureAwait(false))
            {
                await CopyAsync(source, stream, _progress, CancellationToken.None).ConfigureAwait(false);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = new FileInfo(_file).Length;
            return true;
        }
    }
}

/// <summary>Counts bytes or rows for a bar.</summary>
internal sealed class TransferProgress(ProgressTask? task)
{
    public void SetTotal(long? total)
    {
        if (task is not null)
        {
            task.IsIndeterminate = total is null;
            task.MaxValue = Math.Max(total ?? 1, 1);
        }
    }

    public void Add(long count) => task?.Increment(count);
}

/// <summary>A bar that shows how far a long command is, on a terminal only.</summary>
internal static class ProgressBar
{
    public static async Task RunAsync(ShellSession session, string label, Func<TransferProgress, Task> work)
    {
        if (Console.IsOutputRedirected || session.OutputName != "stdout")
        {
            await work(new TransferProgress(null)).ConfigureAwait(false);
            return;
        }

        await AnsiConsole.Progress().AutoClear(true).StartAsync(async context =>
            await work(new TransferProgress(context.AddTask(Markup.Escape(Path.GetFileName(label))))).ConfigureAwait(false)).ConfigureAwait(false);
    }
}
