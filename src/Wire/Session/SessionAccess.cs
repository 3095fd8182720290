using Rqlite.Pg.Access;
using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Errors;
using Rqlite.Pg.Wire.Planning;

namespace Rqlite.Pg.Wire.Session;

/// <summary>What the session's user may do, by the credentials file as it is now.</summary>
/// <param name="users">Null if everybody may do everything.</param>
internal sealed class SessionAccess(CredentialStore? users)
{
    private static readonly (Permissions Permission, string Name)[] s_named =
        [(Permissions.Query, "query"), (Permissions.Execute, "execute")];

    private Credentials? _seen;
    private Permissions _held;

    /// <summary>The user that has logged in, whatever role the session has taken on since.</summary>
    public string User { get; private set; } = "";

    /// <summary>The user may do everything.</summary>
    public bool IsSuperuser => (Held & Permissions.All) != 0;

    /// <summary>What the user may do in sessions: <c>all</c>, or names with commas between them.</summary>
    public string PermissionNames => Held switch
    {
        var held when (held & Permissions.All) != 0 => "all",
        var held => string.Join(',', s_named.Where(pair => (held & pair.Permission) != 0).Select(static pair => pair.Name)),
    };

    private Permissions Held
    {
        get
        {
            if (users is null)
            {
                return Permissions.All;
            }

            var now = users.Current;
            if (!ReferenceEquals(now, _seen))
            {
                (_seen, _held) = (now, now.Of(User));
            }

            return _held;
        }
    }

    public void Begin(string user) => User = user;

    /// <summary>Whether the user may see what a session of another does, and end it.</summary>
    public bool Rules(SessionAccess other) => users is null || User == other.User || IsSuperuser;

    /// <summary>As <see cref="IsSuperuser"/>, from any thread.</summary>
    public bool IsSuperuserNow => users is null || users.Current.Allows(User, Permissions.All);

    /// <summary>Whether somebody may see what the session does.</summary>
    /// <param name="asking">Null for one who asks from outside of a session.</param>
    public bool IsVisibleTo(SessionAccess? asking) => users is null || (asking is not null && asking.Rules(this));

    /// <summary>True if the user has a permission.</summary>
    public bool Has(Permissions permission) => (Held & (Permissions.All | permission)) != 0;

    /// <exception cref="PgException">42501: the user may not run the statement.</exception>
    public void Require(PlannedStatement plan)
    {
        var held = Held;
        if ((held & Permissions.All) == 0 && Required(plan) is var required && (held & required) != required)
        {
            throw Denied(required & ~held, plan.Tag);
        }
    }

    /// <exception cref="PgException">42501: the user may not run the command.</exception>
    public void Require(Permissions permission, string tag)
    {
        var held = Held;
        if ((held & Permissions.All) == 0 && (held & permission) == 0)
        {
            throw Denied(permission, tag);
        }
    }

    /// <exception cref="PgException">FATAL: the user is no longer there.</exception>
    public void RequireUser()
    {
        if (users is not null && !users.Current.Has(User))
        {
            throw PgException.Fatal(SqlState.AdminShutdown, $"terminating connection because user \"{User}\" has been removed");
        }
    }

    /// <summary>A query that also writes or takes locks gives rows as one that does not; what a change returns is its own, as over HTTP.</summary>
    private static Permissions Required(PlannedStatement plan)
    {
        const StatementTraits effects = StatementTraits.Writes | StatementTraits.UsesLocks | StatementTraits.LocksRows;
        return (plan.Traits & effects) == 0 ? Permissions.Query
            : plan.IsQuery ? Permissions.Query | Permissions.Execute
            : Permissions.Execute;
    }

    private PgException Denied(Permissions missing, string tag)
    {
        users!.Counters.CountDenied();
        var name = (missing & Permissions.Execute) != 0 ? "execute" : "query";
        return new PgException(
            SqlState.InsufficientPrivilege, $"permission denied for {tag}",
            $"User \"{User}\" needs the permission \"{name}\" in the server's credentials file.");
    }
}
