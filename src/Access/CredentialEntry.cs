namespace Rqlite.Pg.Access;

/// <summary>One entry of the credentials file, checked.</summary>
/// <param name="Password">The password in plain text or a SCRAM verifier; null for <c>*</c>, as which nobody can log in.</param>
internal sealed record CredentialEntry(string Name, string? Password, Permissions Permissions);
