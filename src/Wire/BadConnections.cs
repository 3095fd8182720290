using Microsoft.Extensions.Logging;
using Rqlite.Pg.Cluster;

namespace Rqlite.Pg.Wire;

/// <summary>Tells of connections that did not speak the protocol, at a bounded rate: strangers decide how many there are and what they say.</summary>
internal sealed class BadConnections(ILogger logger, TimeProvider time)
{
    private readonly LogRate _rate = new(10, TimeSpan.FromSeconds(10), time);

    public void Report(int connectionId, string from, string sqlState, string reason)
    {
        if (!_rate.TryTake(out var leftOut))
        {
            return;
        }

        if (leftOut > 0)
        {
            logger.BadConnectionsLeftOut(leftOut);
        }

        logger.BadConnection(connectionId, from, sqlState, PrintableText.Of(reason));
    }
}
