using System.Net.Sockets;

namespace Rqlite.Pg.Wire;

/// <summary>Tells whether a client is still connected, without reading the bytes that it has sent.</summary>
internal static class ClientSocket
{
    private const int ProtocolTcp = 6;
    private const int OptionTcpInfo = 11;
    private const byte StateEstablished = 1;

    /// <summary>True if the connection is broken, or the client has closed its side.</summary>
    public static bool HasLeft(Socket socket)
    {
        try
        {
            if (!OperatingSystem.IsLinux())
            {
                return socket.Poll(0, SelectMode.SelectRead) && socket.Available == 0;
            }

            // The first byte is the state of the connection: it shows the end even if unread bytes precede it.
            Span<byte> state = stackalloc byte[1];
            return socket.GetRawSocketOption(ProtocolTcp, OptionTcpInfo, state) < 1 || state[0] != StateEstablished;
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return true;
        }
    }
}
