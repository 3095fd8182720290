using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Rqlite.Pg.Access;

/// <summary>The users of one state of the credentials file. Immutable, but for the passwords that it remembers to be right.</summary>
public sealed class Credentials
{
    // Longer names and passwords are in no file.
    private const int PresentedMax = 1024;
    private const int RememberedMax = 4096;

    private readonly Dictionary<string, User> _users;
    private readonly byte[] _key;
    private readonly byte[] _memoryKey = RandomNumberGenerator.GetBytes(32);
    private readonly ConcurrentDictionary<string, byte> _right = new(StringComparer.Ordinal);
    private readonly int _iterations;

    /// <param name="key">The secret that salts follow from.</param>
    /// <param name="former">The former state, whose verifiers of unchanged passwords are taken over.</param>
    /// <exception cref="FormatException">A password cannot be used.</exception>
    internal Credentials(IReadOnlyList<CredentialEntry> entries, byte[] key, Credentials? former)
    {
        _key = key;
        Everyone = entries.FirstOrDefault(static entry => entry.Name == CredentialFile.Everyone)?.Permissions ?? Permissions.None;
        _users = new(StringComparer.Ordinal);
        foreach (var entry in entries)
        {
            if (entry.Password is not null)
            {
                _users[entry.Name] = new User(entry, VerifierOf(entry, former));
            }
        }

        // A mock login must not be told by its number.
        _iterations = _users.Count == 0 ? ScramVerifier.IterationsDefault : _users.Values.First().Verifier.Iterations;
    }

    /// <summary>The permissions that everybody has, also without a login.</summary>
    public Permissions Everyone { get; }

    public int Count => _users.Count;

    /// <summary>The names of the users, in order.</summary>
    public IEnumerable<string> Names => _users.Keys.Order(StringComparer.Ordinal);

    public bool Has(string user) => _users.ContainsKey(user);

    /// <summary>The permissions of a user who has logged in.</summary>
    public Permissions Of(string user) => Everyone | (_users.TryGetValue(user, out var found) ? found.Entry.Permissions : Permissions.None);

    /// <summary>Whether a user who has logged in may do all of this.</summary>
    public bool Allows(string user, Permissions required) => PermissionNames.Hold(Of(user), required);

    /// <summary>Whether everybody may do all of this, also without a login.</summary>
    public bool AllowsEveryone(Permissions required) => PermissionNames.Hold(Everyone, required);

    internal string? PlainPasswordOf(string user) =>
        _users.TryGetValue(user, out var found) && !found.Entry.Password!.StartsWith(ScramVerifier.Prefix, StringComparison.Ordinal) ? found.Entry.Password : null;

    /// <summary>The user that somebody wants to log in as.</summary>
    public LoginUser Login(string user) => _users.TryGetValue(user, out var found)
        ? new LoginUser(user, found.Verifier, true)
        : new LoginUser(user, ScramVerifier.Mock(_key, user, _iterations), false);

    /// <summary>True if the password has been found right before, which costs next to nothing to know.</summary>
    internal bool Remembers(string user, string password) => user.Length + password.Length <= PresentedMax && _right.ContainsKey(NameOf(user, password));

    /// <summary>Whether the password is that of the user. It costs as much for users that do not exist.</summary>
    internal bool Matches(string user, string password)
    {
        if (user.Length + password.Length > PresentedMax)
        {
            return false;
        }

        var login = Login(user);
        if (!(login.Verifier.Matches(password) & login.Exists))
        {
            return false;
        }

        if (_right.Count >= RememberedMax)
        {
            _right.Clear();
        }

        _right[NameOf(user, password)] = 0;
        return true;
    }

    private ScramVerifier VerifierOf(CredentialEntry entry, Credentials? former)
    {
        if (ScramVerifier.TryParse(entry.Password!, out var verifier))
        {
            return verifier;
        }

        if (former is not null && ReferenceEquals(former._key, _key)
            && former._users.TryGetValue(entry.Name, out var before) && before.Entry.Password == entry.Password)
        {
            return before.Verifier;
        }

        try
        {
            return ScramVerifier.Create(entry.Password!, ScramVerifier.SaltOf(_key, entry.Name), ScramVerifier.IterationsDefault);
        }
        catch (FormatException e)
        {
            throw new FormatException($"user \"{entry.Name}\": {e.Message}", e);
        }
    }

    // Passwords are kept as hashes under a key of this process, so that none is found in its memory.
    private string NameOf(string user, string password) =>
        Convert.ToBase64String(HMACSHA256.HashData(_memoryKey, Encoding.UTF8.GetBytes($"{user.Length}:{user}{password}")));

    private sealed record User(CredentialEntry Entry, ScramVerifier Verifier);
}
