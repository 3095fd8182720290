using System.Security.Cryptography;

namespace Rqlite.Pg.Host;

/// <summary>
/// A secret of the node from which the salts follow that its PostgreSQL logins are shown. It lies in the data folder: a user that does not exist
/// would be told by a salt that changes with a restart.
/// </summary>
internal sealed class LoginKey
{
    private const int Length = 32;

    private readonly string _path;
    private readonly bool _isNew;

    private LoginKey(string path, byte[] value, bool isNew) => (_path, Value, _isNew) = (path, value, isNew);

    public byte[] Value { get; }

    /// <summary>Reads the key, or makes one up.</summary>
    public static LoginKey Of(string dataDirectory)
    {
        var path = Path.Combine(dataDirectory, "login.key");
        return File.Exists(path) && File.ReadAllBytes(path) is { Length: Length } value
            ? new LoginKey(path, value, false)
            : new LoginKey(path, RandomNumberGenerator.GetBytes(Length), true);
    }

    /// <summary>Writes a new key down, once there is a data folder.</summary>
    public void Keep()
    {
        if (_isNew)
        {
            File.WriteAllBytes(_path, Value);
        }
    }
}
