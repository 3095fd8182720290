namespace Rqlite.Pg.Access;

/// <summary>A login is refused without a look at its password: too many others of its user or address have failed and wait for their turn.</summary>
public sealed class TooManyLoginsException() : Exception("too many failed logins of this user or from this address")
{
    /// <summary>The next step of the caller, for messages.</summary>
    public const string Advice = "The password was not looked at. Try again in a few seconds.";
}
