using Rqlite.Pg.Cluster;
using Rqlite.Pg.Dialect;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Errors;
using Rqlite.Pg.Wire.Messages;

namespace Rqlite.Pg.Wire.Session;

/// <summary>
/// The channels that a session listens on, and the notifications that wait to be sent to it. LISTEN and UNLISTEN take effect with the
/// transaction. The applier delivers notifications and must not wait for a client, so the queue is bounded: if it overflows the session is
/// closed, since a gap would go unseen.
/// </summary>
internal sealed class Listening(INotifications? notifications, int waitingMax, long waitingBytesMax, Action arrived) : IScoped, INotificationReceiver, IDisposable
{
    /// <summary>The memory of a channel; its name is cut at 63 bytes, as every identifier.</summary>
    public const long ChannelBytes = 512;

    private readonly Dictionary<string, IDisposable> _channels = new(StringComparer.Ordinal);
    private readonly List<Change> _pending = [];

    // Channels that were subscribed ahead of a commit that may still fail.
    private readonly HashSet<string> _opened = new(StringComparer.Ordinal);

    // The number of pending changes at each savepoint.
    private readonly List<int> _marks = [];
    private readonly Lock _gate = new();

    // Guarded by the lock, since the applier writes them.
    private readonly Queue<Notification> _waiting = new();
    private long _waitingBytes;
    private PgError? _end;

    /// <summary>True if the session listens on a channel, so it may have to wait for its own notifications.</summary>
    public bool Any => _channels.Count > 0;

    /// <summary>The approximate memory of the channels.</summary>
    public long Bytes => ChannelBytes * _channels.Count;

    /// <summary>How much of the queue waits to be sent, from 0 to 1. From any thread.</summary>
    public double Usage
    {
        get
        {
            lock (_gate)
            {
                return Math.Max((double)_waiting.Count / waitingMax, (double)_waitingBytes / waitingBytesMax);
            }
        }
    }

    /// <summary>Why the session has to end, or null.</summary>
    public PgError? End
    {
        get
        {
            lock (_gate)
            {
                return _end;
            }
        }
    }

    public void Listen(string channel)
    {
        if (notifications is null)
        {
            throw new PgException(SqlState.FeatureNotSupported, "LISTEN is not supported here");
        }

        _pending.Add(new Change(channel, Listen: true));
    }

    /// <param name="channel">The channel; null for all.</param>
    public void Unlisten(string? channel) => _pending.Add(new Change(channel, Listen: false));

    /// <summary>Subscribes before the commit, so that a session receives its own NOTIFY.</summary>
    /// <param name="gathered">LISTEN commands that are gathered and have not run yet.</param>
    public void Prepare(IEnumerable<ListenChannel>? gathered = null)
    {
        foreach (var change in _pending)
        {
            if (change is { Listen: true, Channel: { } channel })
            {
                Open(channel, settled: false);
            }
        }

        foreach (var listen in notifications is null ? [] : gathered ?? [])
        {
            Open(listen.Channel, settled: false);
        }
    }

    ValueTask IScoped.MarkAsync(CancellationToken token)
    {
        _marks.Add(_pending.Count);
        return default;
    }

    ValueTask IScoped.ReleaseAsync(int mark, CancellationToken token)
    {
        _marks.RemoveRange(mark, _marks.Count - mark);
        return default;
    }

    ValueTask IScoped.ReturnAsync(int mark, CancellationToken token)
    {
        _pending.RemoveRange(_marks[mark], _pending.Count - _marks[mark]);
        _marks.RemoveRange(mark + 1, _marks.Count - mark - 1);
        return default;
    }

    ValueTask IScoped.FailAsync() => default;

    ValueTask IScoped.CommitAsync()
    {
        foreach (var change in _pending)
        {
            if (change is { Listen: true, Channel: { } channel })
            {
                Open(channel, settled: true);
            }
            else
            {
                Close(change.Channel);
            }
        }

        ForgetPending();
        return default;
    }

    ValueTask IScoped.RollbackAsync()
    {
        ForgetPending();
        return default;
    }

    // Closes the channels that were subscribed ahead and whose LISTEN has not been committed.
    private void ForgetPending()
    {
        _pending.Clear();
        _marks.Clear();
        if (_opened.Count > 0)
        {
            foreach (var channel in _opened.ToArray())
            {
                Close(channel);
            }

            _opened.Clear();
        }
    }

    /// <summary>Writes the next waiting notification; false if there is none.</summary>
    public bool WriteNext(SessionOutput output)
    {
        Notification notification;
        lock (_gate)
        {
            if (!_waiting.TryDequeue(out notification))
            {
                return false;
            }

            _waitingBytes -= BytesOf(notification);
        }

        BackendMessage.WriteNotification(output.Frames, output.Encoding, notification.ProcessId, notification.Channel, notification.Payload);
        return true;
    }

    public void Dispose() => Close(null);

    void INotificationReceiver.Receive(in Notification notification)
    {
        lock (_gate)
        {
            if (_end is not null)
            {
                return;
            }

            _waiting.Enqueue(notification);
            _waitingBytes += BytesOf(notification);
            if (_waiting.Count > waitingMax || _waitingBytes > waitingBytesMax)
            {
                EndWith(PgError.Fatal(
                    SqlState.ConfigurationLimitExceeded, "terminating connection because too many notifications wait for it")
                    with { Hint = "Notifications were lost: listen again, then look at what they are about." });
            }
            else if (_waiting.Count > 1)
            {
                // The session has been woken already.
                return;
            }
        }

        arrived();
    }

    void INotificationReceiver.Missed()
    {
        lock (_gate)
        {
            EndWith(PgError.Fatal(
                SqlState.AdminShutdown, "terminating connection because this node has missed notifications while it took over a copy of the database")
                with { Hint = "Listen again, then look at what they are about." });
        }

        arrived();
    }

    private void EndWith(PgError error)
    {
        _end ??= error;
        _waiting.Clear();
        _waitingBytes = 0;
    }

    private void Open(string channel, bool settled)
    {
        if (!_channels.ContainsKey(channel))
        {
            _channels.Add(channel, notifications!.Subscribe(channel, this));
            if (!settled)
            {
                _opened.Add(channel);
            }
        }
        else if (settled)
        {
            _opened.Remove(channel);
        }
    }

    private void Close(string? channel)
    {
        foreach (var name in channel is null ? _channels.Keys.ToArray() : [channel])
        {
            if (_channels.Remove(name, out var subscription))
            {
                subscription.Dispose();
            }

            _opened.Remove(name);
        }

        lock (_gate)
        {
            // Notifications for channels that the session no longer listens on are not sent.
            for (var left = _waiting.Count; left > 0; left--)
            {
                var notification = _waiting.Dequeue();
                if (_channels.ContainsKey(notification.Channel))
                {
                    _waiting.Enqueue(notification);
                }
                else
                {
                    _waitingBytes -= BytesOf(notification);
                }
            }
        }
    }

    private static long BytesOf(in Notification notification) => 64 + (2L * notification.Payload.Length);

    private readonly record struct Change(string? Channel, bool Listen);
}
