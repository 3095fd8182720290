namespace Rqlite.Pg.Access;

/// <summary>
/// Reads files that belong together, and again when one has changed. Their bytes are compared, once a second: that needs no service of the
/// system and sees links that are turned, as orchestrators do with secrets.
/// </summary>
/// <param name="apply">Takes the files' bytes; a <see cref="FormatException"/> leaves everything as it was.</param>
/// <param name="failed">Told once for each state of the files that cannot be used.</param>
internal sealed class FileWatch(
    IReadOnlyList<string> paths, int bytesMax, Action<IReadOnlyList<byte[]>> apply, Action<Exception> failed, TimeProvider clock) : IDisposable
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private IReadOnlyList<byte[]>? _seen;
    private string _lastFault = "";
    private ITimer? _timer;

    /// <summary>Reads the files for the first time.</summary>
    /// <exception cref="FormatException">They cannot be used.</exception>
    /// <exception cref="IOException">One cannot be read.</exception>
    public void Start()
    {
        var files = Read();
        apply(files);
        _seen = files;
        _timer = clock.CreateTimer(static watch => ((FileWatch)watch!).Look(), this, Interval, Interval);
    }

    /// <summary>Looks whether the files have changed.</summary>
    public void Look()
    {
        // A look that takes longer than the interval is not overtaken.
        if (!_gate.TryEnter())
        {
            return;
        }

        try
        {
            var files = Read();
            if (_seen is { } seen && seen.Zip(files).All(static pair => pair.First.AsSpan().SequenceEqual(pair.Second)))
            {
                return;
            }

            _seen = files;
            apply(files);
            _lastFault = "";
        }
        catch (Exception e) when (e is FormatException)
        {
            failed(e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Perhaps for a moment only, while the file is being replaced; told once.
            _seen = null;
            if (_lastFault != e.Message)
            {
                _lastFault = e.Message;
                failed(e);
            }
        }
        finally
        {
            _gate.Exit();
        }
    }

    public void Dispose() => _timer?.Dispose();

    private IReadOnlyList<byte[]> Read() => [.. paths.Select(Read)];

    private byte[] Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1);
        if (file.Length > bytesMax)
        {
            throw new FormatException($"{path} has more than {bytesMax} bytes");
        }

        // What is written to it meanwhile is seen at the next look.
        var bytes = new byte[file.Length];
        var length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return bytes[..length];
    }
}
