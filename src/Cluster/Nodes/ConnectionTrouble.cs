using System.Net.Sockets;

namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>Why a connection failed, in words for users: the runtime's messages speak of streams, tasks and objects.</summary>
internal static class ConnectionTrouble
{
    public static string Reason(Exception error)
    {
        for (var inner = error; inner is not null; inner = inner.InnerException)
        {
            if (inner is SocketException socket)
            {
                return Reason(socket.SocketErrorCode);
            }
        }

        return error switch
        {
            EndOfStreamException => "the other side closed the connection",
            ObjectDisposedException => "this side closed the connection",
            OperationCanceledException => "no answer in time",
            _ => error.Message,
        };
    }

    private static string Reason(SocketError error) => error switch
    {
        SocketError.ConnectionRefused => "connection refused, nothing listens there",
        SocketError.ConnectionReset or SocketError.Shutdown => "the other side broke the connection off",
        SocketError.ConnectionAborted or SocketError.OperationAborted or SocketError.Interrupted => "this side broke the connection off",
        SocketError.TimedOut => "no answer in time",
        SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => "the name of the host cannot be resolved",
        SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.NetworkDown or SocketError.HostDown => "there is no way to the host",
        _ => $"the network failed ({error})",
    };
}
