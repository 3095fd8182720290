using System.Diagnostics;
using System.Net.Sockets;
using Rqlite.Pg.Wire.Protocol;

namespace Rqlite.Pg.Wire;

/// <summary>
/// Polls for the next message of a session that holds the writer instead of sleeping: no other session of the cluster can write meanwhile, and
/// a wake-up costs more than the statement. A process has one such session at most, so at most one thread polls.
/// </summary>
internal sealed class HolderWatch
{
    /// <summary>After a poll without success the client counts as idle, and no poll is made for so many messages.</summary>
    private const int LooksLeftOut = 32;

    // A client that answers at once is woken, reads, and sends within this time.
    private static readonly long s_patience = Stopwatch.Frequency / 10_000;

    private readonly Socket _socket;
    private int _leaveOut;

    private HolderWatch(Socket socket) => _socket = socket;

    /// <summary>Null on a machine with one processor, where polling would keep the client from it.</summary>
    public static HolderWatch? Over(Socket socket) => Environment.ProcessorCount > 1 ? new(socket) : null;

    public void AwaitNext(PgSession session)
    {
        if (session.State.Block.Writing is null || _leaveOut-- > 0)
        {
            return;
        }

        try
        {
            var until = Stopwatch.GetTimestamp() + s_patience;
            while (!_socket.Poll(0, SelectMode.SelectRead))
            {
                if (Stopwatch.GetTimestamp() > until)
                {
                    _leaveOut = LooksLeftOut;
                    return;
                }
            }

            _leaveOut = 0;
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The following read fails in the same way.
        }
    }
}
