using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.AspNetCore.Http;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Host;

/// <summary>
/// The input of an HTTP connection in which raw bytes beyond ASCII of a request line are percent-encoded: Kestrel refuses them, while rqlite
/// takes them. Everything else passes as it is, without a copy. Long lines are counted in the node's memory budget.
/// </summary>
internal sealed class RequestLineReader(PipeReader inner, int lineMax, MemoryBudget memory) : PipeReader, IDisposable
{
    // Lines up to this size are not counted.
    private const int SmallBytes = 16 << 10;
    private const int ReserveBytes = 64 << 10;

    // A line is there as bytes, as texts of its parts, and as a statement.
    private const int MemoryFactor = 8;

    // Ahead of a request line.
    private bool _ahead = true;

    // The bytes reserved for the line that is being received or handled.
    private long _reserved;

    // The bytes from a line with raw ones on; until all of them are consumed, reads are answered from here.
    private byte[]? _own;
    private int _start;
    private int _end;
    private int _examined;

    /// <summary>The next read begins with a request line, whatever empty lines come before.</summary>
    public void ExpectRequest() => _ahead = true;

    /// <summary>The request of the last line has been answered.</summary>
    public void EndRequest()
    {
        memory.Release(_reserved);
        _reserved = 0;
    }

    public void Dispose() => EndRequest();

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) =>
        _ahead || _own is not null ? LookAsync(cancellationToken) : inner.ReadAsync(cancellationToken);

    public override bool TryRead(out ReadResult result)
    {
        if (_own is null && !_ahead)
        {
            return inner.TryRead(out result);
        }

        // A line has to be whole before it can be rewritten.
        result = _own is not null && !_ahead && _examined < _end ? new(Own, isCanceled: false, isCompleted: false) : default;
        return !result.Buffer.IsEmpty;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (_own is null)
        {
            inner.AdvanceTo(consumed, examined);
            return;
        }

        var own = Own;
        _examined = _start + (int)own.Slice(0, examined).Length;
        _start += (int)own.Slice(0, consumed).Length;
        if (_start == _end)
        {
            ArrayPool<byte>.Shared.Return(_own);
            _own = null;
        }
    }

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    private ReadOnlySequence<byte> Own => new(_own!, _start, _end - _start);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> LookAsync(CancellationToken token)
    {
        while (true)
        {
            if (_own is not null && (!_ahead || TryRewrite()) && _examined < _end)
            {
                return new(Own, isCanceled: false, isCompleted: false);
            }

            var read = await inner.ReadAsync(token).ConfigureAwait(false);
            if (_own is null)
            {
                var start = BehindEmptyLines(read.Buffer);
                var line = start.PositionOf((byte)'\n') is { } end ? start.Slice(0, end) : start;
                if (!TryCount(line.Length))
                {
                    inner.AdvanceTo(read.Buffer.End);
                    throw OutOfMemory();
                }

                if (IsAscii(line))
                {
                    _ahead = line.Length == start.Length;
                    return read;
                }
            }

            Append(read.Buffer);
            inner.AdvanceTo(read.Buffer.End);
            if (read.IsCanceled || read.IsCompleted)
            {
                return new(Own, read.IsCanceled, read.IsCompleted);
            }
        }
    }

    private static ReadOnlySequence<byte> BehindEmptyLines(in ReadOnlySequence<byte> bytes)
    {
        var reader = new SequenceReader<byte>(bytes);
        reader.AdvancePastAny((byte)'\r', (byte)'\n');
        return reader.UnreadSequence;
    }

    private static bool IsAscii(in ReadOnlySequence<byte> line)
    {
        foreach (var part in line)
        {
            if (!Ascii.IsValid(part.Span))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Rewrites the line that the own bytes begin with; false if more of it has to come.</summary>
    private bool TryRewrite()
    {
        var own = _own.AsSpan(_start, _end - _start);
        var start = own.IndexOfAnyExcept((byte)'\r', (byte)'\n');
        var length = start < 0 ? -1 : own[start..].IndexOf((byte)'\n');
        if (!TryCount(length < 0 ? own.Length : length))
        {
            throw OutOfMemory();
        }

        if (length < 0 && own.Length <= lineMax)
        {
            return false;
        }

        _ahead = false;
        _examined = _start;
        if (length < 0 || Ascii.IsValid(own.Slice(start, length)))
        {
            // The server refuses a line that is too long.
            return true;
        }

        var rewritten = ArrayPool<byte>.Shared.Rent((3 * length) + own.Length - start - length);
        var written = 0;
        foreach (var b in own.Slice(start, length))
        {
            if (b < 0x80)
            {
                rewritten[written++] = b;
            }
            else
            {
                rewritten[written++] = (byte)'%';
                rewritten[written++] = (byte)"0123456789ABCDEF"[b >> 4];
                rewritten[written++] = (byte)"0123456789ABCDEF"[b & 15];
            }
        }

        var rest = own[(start + length)..];
        rest.CopyTo(rewritten.AsSpan(written));
        var end = written + rest.Length;
        ArrayPool<byte>.Shared.Return(_own!);
        (_own, _start, _end, _examined) = (rewritten, 0, end, 0);
        return true;
    }

    /// <summary>Reserves memory for a line; false if there is none, with what other requests hold.</summary>
    private bool TryCount(long length)
    {
        var missing = (length * MemoryFactor) - _reserved;
        if (length <= SmallBytes || missing <= 0)
        {
            return true;
        }

        var step = (missing + ReserveBytes - 1) / ReserveBytes * ReserveBytes;
        if (!memory.TryReserve(step))
        {
            return false;
        }

        _reserved += step;
        return true;
    }

    // The server answers with the status and closes the connection.
    private BadHttpRequestException OutOfMemory() => new(
        $"out of memory: the requests of this node hold {memory.Used} of the {memory.BytesMax} bytes that they may hold",
        StatusCodes.Status503ServiceUnavailable);

    private void Append(in ReadOnlySequence<byte> bytes)
    {
        var length = (int)bytes.Length;
        if (_own is null)
        {
            _own = ArrayPool<byte>.Shared.Rent(length);
            (_start, _end, _examined) = (0, 0, 0);
        }
        else if (_own.Length - _end < length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(_end - _start + length);
            _own.AsSpan(_start, _end - _start).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_own);
            (_own, _examined, _end, _start) = (larger, _examined - _start, _end - _start, 0);
        }

        bytes.CopyTo(_own.AsSpan(_end));
        _end += length;
    }
}
