using System.Net;
using System.Net.Sockets;

namespace Rqlite.Pg.Harness;

/// <summary>Hands out free ports below the system's ephemeral range, so that no outgoing connection takes one meanwhile.</summary>
public static class Ports
{
    private static readonly Lock Gate = new();
    private static readonly HashSet<int> Taken = [];
    private static readonly Random Random = new(Environment.ProcessId ^ Environment.TickCount);

    public static int Take()
    {
        lock (Gate)
        {
            for (var attempt = 0; attempt < 1000; attempt++)
            {
                var port = Random.Next(12_000, 30_000);
                if (Taken.Contains(port) || !IsFree(port))
                {
                    continue;
                }

                Taken.Add(port);
                return port;
            }
        }

        throw new InvalidOperationException("No free port found.");
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.ExclusiveAddressUse = true;
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
