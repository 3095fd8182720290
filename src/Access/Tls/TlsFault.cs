namespace Rqlite.Pg.Access;

/// <summary>Why a handshake has failed, in one line.</summary>
public static class TlsFault
{
    public static string Of(Exception exception)
    {
        var message = exception.Message;
        for (var inner = exception.InnerException; inner is not null; inner = inner.InnerException)
        {
            message = $"{message.TrimEnd('.')}: {inner.Message}";
        }

        return $"TLS: {message.ReplaceLineEndings(" ")}";
    }
}
