using System.Net;
using Microsoft.Extensions.Logging;

namespace Rqlite.Pg.Access;

/// <summary>
/// The users of a node, read from its credentials file and read again when the file changes. A file that cannot be used leaves the users as
/// they are. From any thread.
/// </summary>
public sealed class CredentialStore : IDisposable
{
    private readonly ILogger _logger;
    private readonly byte[] _key;
    private readonly FileWatch _watch;

    // Verifying costs a processor some milliseconds, so strangers get one at most.
    private readonly SemaphoreSlim _verifying = new(1);
    private volatile Credentials? _current;

    private CredentialStore(string path, byte[] key, TimeProvider clock, ILogger logger)
    {
        _logger = logger;
        _key = key;
        Path = path;
        Throttle = new LoginThrottle(clock);
        _watch = new FileWatch([path], CredentialFile.BytesMax, Apply, Failed, clock);
    }

    public string Path { get; }

    /// <summary>The users now.</summary>
    public Credentials Current => _current!;

    /// <summary>The delays of logins that follow failed ones.</summary>
    public LoginThrottle Throttle { get; }

    public LoginCounters Counters { get; } = new();

    /// <summary>The users have changed.</summary>
    public event Action? Changed;

    /// <param name="key">A secret of this node that outlives its process: salts follow from it.</param>
    /// <exception cref="FormatException">The file cannot be used; the message names it.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static CredentialStore Open(string path, byte[] key, TimeProvider clock, ILogger logger)
    {
        var store = new CredentialStore(path, key, clock, logger);
        try
        {
            store._watch.Start();
            return store;
        }
        catch (FormatException e)
        {
            store.Dispose();
            throw new FormatException($"{path}: {e.Message}", e);
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <summary>The password of a user, if the file has it in plain text.</summary>
    public string? PlainPasswordOf(string user) => Current.PlainPasswordOf(user);

    /// <summary>Whether the password is that of the user. A wrong one is answered late if others came before it.</summary>
    /// <param name="from">Where the login comes from; null if that is not known.</param>
    /// <exception cref="TooManyLoginsException"/>
    public async ValueTask<bool> VerifyAsync(string user, string password, IPAddress? from, CancellationToken token)
    {
        var credentials = Current;
        if (credentials.Remembers(user, password))
        {
            return true;
        }

        var attempt = Throttle.Begin(from, user);
        var (entered, right) = (false, false);
        while (await attempt.EnterAsync(token).ConfigureAwait(false))
        {
            await _verifying.WaitAsync(token).ConfigureAwait(false);
            try
            {
                // Others may have failed while this one waited; a turn is waited for without the place of the one that is verified.
                if (attempt.MayBeJudged)
                {
                    credentials = Current;
                    (entered, right) = (true, credentials.Matches(user, password));
                    break;
                }
            }
            finally
            {
                _verifying.Release();
            }
        }

        if (!entered)
        {
            throw RefuseUnseen(from);
        }

        if (right)
        {
            Succeeded(attempt);
        }
        else
        {
            await FailAsync(attempt, user, from, credentials.Has(user) ? "wrong password" : "no such user", token).ConfigureAwait(false);
        }

        return right;
    }

    public void Succeeded(LoginAttempt attempt)
    {
        Counters.CountOk();
        attempt.Succeed();
    }

    /// <summary>Counts and logs a failed login, and waits as long as its answer is to be delayed.</summary>
    public async ValueTask FailAsync(LoginAttempt attempt, string user, IPAddress? from, string reason, CancellationToken token)
    {
        Counters.CountFailed();
        _logger.LoginFailed(Shown(user), from, reason);
        await attempt.FailAsync(token).ConfigureAwait(false);
    }

    /// <summary>Counts and logs a login that is refused because too many of the same wait for their turn.</summary>
    public TooManyLoginsException RefuseUnseen(IPAddress? from)
    {
        Counters.CountFailed();
        _logger.TooManyLogins(from);
        return new TooManyLoginsException();
    }

    public void Dispose() => _watch.Dispose();

    /// <summary>Looks at once whether the file has changed.</summary>
    internal void Look() => _watch.Look();

    private void Apply(IReadOnlyList<byte[]> files)
    {
        var former = _current;
        var entries = CredentialFile.Parse(files[0], out var unknown);
        _current = new Credentials(entries, _key, former);
        foreach (var name in unknown.Distinct().Take(10))
        {
            _logger.UnknownPermission(Path, Shown(name));
        }

        _logger.CredentialsRead(Path, _current.Count);
        if (former is not null)
        {
            Counters.CountReload();
            Changed?.Invoke();
        }
    }

    private void Failed(Exception exception)
    {
        Counters.CountBadReload();
        _logger.CredentialsKept(Path, exception.Message);
    }

    // A stranger decides what it is.
    private static string Shown(string text) =>
        new([.. text.Take(64).Select(static character => char.IsControl(character) || char.IsSurrogate(character) ? '?' : character)]);
}
