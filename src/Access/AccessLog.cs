using System.Net;
using Microsoft.Extensions.Logging;

namespace Rqlite.Pg.Access;

internal static partial class AccessLog
{
    [LoggerMessage(6000, LogLevel.Information, "{Path}: {Count} users")]
    public static partial void CredentialsRead(this ILogger logger, string path, int count);

    [LoggerMessage(6001, LogLevel.Error, "{Path} has changed and cannot be used, so the former users stay: {Reason}")]
    public static partial void CredentialsKept(this ILogger logger, string path, string reason);

    [LoggerMessage(6002, LogLevel.Warning, "{Path}: there is no permission \"{Name}\"")]
    public static partial void UnknownPermission(this ILogger logger, string path, string name);

    [LoggerMessage(6003, LogLevel.Warning, "login as \"{User}\" from {Address} failed: {Reason}")]
    public static partial void LoginFailed(this ILogger logger, string user, IPAddress? address, string reason);

    [LoggerMessage(6004, LogLevel.Warning, "a login from {Address} was refused unseen: too many wait after failed ones")]
    public static partial void TooManyLogins(this ILogger logger, IPAddress? address);

    [LoggerMessage(6010, LogLevel.Information, "certificate of {Path}: {Subject}, valid until {Until}")]
    public static partial void CertificateRead(this ILogger logger, string path, string subject, DateTime until);

    [LoggerMessage(6011, LogLevel.Error, "{Path} has changed and cannot be used, so the former certificate stays: {Reason}")]
    public static partial void CertificateKept(this ILogger logger, string path, string reason);

    [LoggerMessage(6012, LogLevel.Error, "the certificate of {Path} has expired: it was valid until {Until}, and clients will refuse it")]
    public static partial void CertificateExpired(this ILogger logger, string path, DateTime until);

    [LoggerMessage(6013, LogLevel.Error, "{Path} has changed and cannot be used, so the former secret stays: {Reason}")]
    public static partial void SecretKept(this ILogger logger, string path, string reason);
}
