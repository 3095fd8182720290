using System.Collections.Concurrent;
using System.Diagnostics;

namespace Rqlite.Pg.Harness;

/// <summary>One running <c>rqlited</c>, watched from outside; killed at the latest when disposed.</summary>
public sealed class NodeProcess : IDisposable
{
    private static readonly ConcurrentDictionary<int, Process> Living = new();
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly TaskCompletionSource _outputEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _openStreams = 2;

    static NodeProcess() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        foreach (var process in Living.Values)
        {
            KillQuietly(process);
        }
    };

    private NodeProcess(NodeOptions options, ProcessStartInfo start)
    {
        Options = options;
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, e) => Take(e.Data);
        _process.ErrorDataReceived += (_, e) => Take(e.Data);
        Api = new Api(options.HttpPort);
    }

    public NodeOptions Options { get; }

    public Api Api { get; }

    public int Id => _process.Id;

    /// <summary>One that was disposed has exited, whoever still holds on to it.</summary>
    public bool HasExited
    {
        get
        {
            try
            {
                return _process.HasExited;
            }
            catch (InvalidOperationException)
            {
                return true;
            }
        }
    }

    /// <summary>Everything the process has written so far, both streams.</summary>
    public string Log => string.Join('\n', _lines);

    public static NodeProcess Start(NodeOptions options)
    {
        var node = new NodeProcess(options, StartInfo(options.Arguments(), options.Environment, options.OpenFiles));
        node._process.Start();
        Living[node._process.Id] = node._process;
        node._process.BeginOutputReadLine();
        node._process.BeginErrorReadLine();
        return node;
    }

    /// <summary>Runs <c>rqlited</c> with arguments on which it is expected to end by itself.</summary>
    public static Task<CommandResult> RunAsync(params string[] arguments) =>
        CommandLine.RunAsync(StartInfo(arguments, new Dictionary<string, string>()));

    /// <summary>Waits until the node says that it is open and knows a leader.</summary>
    public async Task<NodeProcess> ReadyAsync(TimeSpan? bound = null)
    {
        await Until.TrueAsync($"node {Options.Id} is ready", async () =>
        {
            if (HasExited)
            {
                await _outputEnded.Task.WaitAsync(TimeSpan.FromSeconds(5));
                throw new InvalidOperationException($"Node {Options.Id} ended with {_process.ExitCode}:\n{Log}");
            }

            return (await Api.GetAsync("/readyz")).Status == 200;
        }, () => Log, bound);
        return this;
    }

    public async Task KillAsync()
    {
        KillQuietly(_process);
        await ExitAsync();
    }

    /// <summary>Asks the process to end and waits for it.</summary>
    public async Task<int> TerminateAsync()
    {
        Signals.Send(Id, Signals.Terminate);
        return await ExitAsync();
    }

    public async Task<int> ExitAsync()
    {
        using var bound = new CancellationTokenSource(Until.Bound);
        try
        {
            await _process.WaitForExitAsync(bound.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"Node {Options.Id} (process {Id}) does not end:\n{Log}");
        }

        Living.TryRemove(Id, out _);
        return _process.ExitCode;
    }

    public void Pause() => Signals.Send(Id, Signals.Stop);

    public void Resume() => Signals.Send(Id, Signals.Continue);

    /// <summary>Waits for a line of output that holds the text.</summary>
    public Task<string> LineAsync(string text) => Until.NotNullAsync(
        $"node {Options.Id} prints \"{text}\"",
        () => Task.FromResult(_lines.FirstOrDefault(l => l.Contains(text, StringComparison.OrdinalIgnoreCase))),
        () => Log);

    /// <summary>Resident memory in bytes.</summary>
    public long ResidentBytes()
    {
        _process.Refresh();
        return _process.WorkingSet64;
    }

    /// <summary>Time on processors so far, which other load does not stretch as it does the clock's.</summary>
    public TimeSpan ProcessorTime()
    {
        _process.Refresh();
        return _process.TotalProcessorTime;
    }

    public void Dispose()
    {
        KillQuietly(_process);
        Living.TryRemove(_process.Id, out _);
        Api.Dispose();
        _process.Dispose();
    }

    private static ProcessStartInfo StartInfo(
        IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment, int? openFiles = null)
    {
        var start = Binaries.Rqlited();
        if (openFiles is { } limit)
        {
            start = new ProcessStartInfo("bash") { ArgumentList = { "-c", $"ulimit -n {limit}; exec \"$0\" \"$@\"", start.FileName } };
            Binaries.Rqlited().ArgumentList.ToList().ForEach(start.ArgumentList.Add);
        }

        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return start;
    }

    private static void KillQuietly(Process process)
    {
        try
        {
            process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended already.
        }
    }

    private void Take(string? line)
    {
        if (line is not null)
        {
            _lines.Enqueue(line);
            while (_lines.Count > 20_000 && _lines.TryDequeue(out _))
            {
            }
        }
        else if (Interlocked.Decrement(ref _openStreams) == 0)
        {
            _outputEnded.TrySetResult();
        }
    }
}
