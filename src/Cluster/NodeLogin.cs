namespace Rqlite.Pg.Cluster;

/// <summary>A user as which a node joins.</summary>
public sealed record NodeLogin(string User, string Password)
{
    // The generated one would show the password.
    public override string ToString() => User;
}
