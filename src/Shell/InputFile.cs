namespace Rqlite.Pg.Shell;

/// <summary>Reads statements and commands from a file or a pipe, a piece at a time, however large it is.</summary>
internal static class InputFile
{
    private const int StatementsMax = 500;
    private const int LengthMax = 1 << 20;
    private const int DepthMax = 16;

    private static int s_depth;

    public static async Task RunAsync(ShellSession session, string path, CancellationToken token)
    {
        if (s_depth >= DepthMax)
        {
            throw new ShellException($"{path} is read from within {DepthMax} other files");
        }

        s_depth++;
        try
        {
            using var reader = new StreamReader(path);
            await RunAsync(session, reader, token).ConfigureAwait(false);
        }
        finally
        {
            s_depth--;
        }
    }

    public static async Task RunAsync(ShellSession session, TextReader reader, CancellationToken token)
    {
        var splitter = new StatementSplitter();
        var waiting = new List<string>();
        var length = 0;
        while (!session.Ended && await reader.ReadLineAsync(token).ConfigureAwait(false) is { } line)
        {
            if (!splitter.Pending && ShellSession.IsCommand(line))
            {
                await RunWaitingAsync().ConfigureAwait(false);
                await session.CommandAsync(line, token).ConfigureAwait(false);
                continue;
            }

            Add(splitter.Add(line));
            if ((!session.MultiLine || line.Trim().Length == 0) && splitter.TakeRest() is { } rest)
            {
                Add([rest]);
            }

            if (waiting.Count >= StatementsMax || length >= LengthMax)
            {
                await RunWaitingAsync().ConfigureAwait(false);
            }
        }

        if (splitter.TakeRest() is { } last)
        {
            Add([last]);
        }

        await RunWaitingAsync().ConfigureAwait(false);

        void Add(IReadOnlyList<string> statements)
        {
            waiting.AddRange(statements);
            length += statements.Sum(static s => s.Length);
        }

        async Task RunWaitingAsync()
        {
            if (waiting.Count > 0)
            {
                string[] statements = [.. waiting];
                waiting.Clear();
                length = 0;
                await session.StatementsAsync(statements, token).ConfigureAwait(false);
            }
        }
    }
}
