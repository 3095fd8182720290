using Microsoft.Extensions.Logging;

namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>Logs refused connections at a bounded rate: strangers decide how many there are and which text they send.</summary>
internal sealed class RefusalLog(ILogger logger, TimeProvider time)
{
    private readonly LogRate _rate = new(5, TimeSpan.FromSeconds(10), time);

    public void Tell(string remote, string reason)
    {
        if (!_rate.TryTake(out var leftOut))
        {
            return;
        }

        if (leftOut > 0)
        {
            logger.PeersRefusedSilently(leftOut);
        }

        logger.PeerRefused(remote, PrintableText.Of(reason));
    }
}
