namespace Rqlite.Pg.Access;

/// <summary>A user as a login sees it. One that does not exist has a verifier too, so that the exchange does not tell.</summary>
public sealed record LoginUser(string Name, ScramVerifier Verifier, bool Exists);
