using Microsoft.Extensions.Logging;

namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>Tells of connections that were refused, at a bounded rate: strangers decide how many there are and what they say.</summary>
internal sealed class RefusalLog(ILogger logger, TimeProvider time)
{
    private const int LinesMax = 5;
    private static readonly TimeSpan s_window = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private long _start = long.MinValue;
    private int _lines;
    private long _silent;

    public void Tell(string remote, string reason)
    {
        long silent;
        lock (_gate)
        {
            if (_start == long.MinValue || time.GetElapsedTime(_start) > s_window)
            {
                (_start, _lines) = (time.GetTimestamp(), 0);
            }

            if (++_lines > LinesMax)
            {
                _silent++;
                return;
            }

            (silent, _silent) = (_silent, 0);
        }

        if (silent > 0)
        {
            logger.PeersRefusedSilently(silent);
        }

        logger.PeerRefused(remote, PrintableText.Of(reason));
    }
}
