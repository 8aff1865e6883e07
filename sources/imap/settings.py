"""The settings of a mailbox, apart from the source so that listing the types stays fast."""

from datetime import timedelta
from typing import Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from sources.duration import Duration
from sources.http.link import host_of
from sources.settings import SourceSettings


class ImapSettings(SourceSettings):
    """Messages of one folder of a mailbox, read by IMAP and left as they are."""

    type: str = Field(default="imap", description="Always `imap`.")
    host: str = Field(description="The name of the mail server.")
    port: int = Field(default=993, ge=1, le=65_535, description="Its port.")
    security: Literal["tls", "starttls", "none"] = Field(
        default="tls",
        description="How the connection is encrypted; `none` needs `allow_private: true`.",
    )
    username: str = Field(min_length=1, description="The account.")
    password: SecretStr = Field(description="Its password, or one made for this program.")
    folder: str = Field(default="INBOX", min_length=1, description="The folder that is read.")
    history: Duration = Field(
        default=timedelta(days=7), description="How far back the first run looks, in whole days."
    )

    @field_validator("host")
    @classmethod
    def _is_host(cls, value: str) -> str:
        if "/" in value or "@" in value or not host_of(f"https://{value}"):
            raise ValueError("expected the name of a mail server, such as imap.example.org")
        return value.strip()

    @field_validator("username", "folder")
    @classmethod
    def _is_one_line(cls, value: str) -> str:
        if not value.isprintable():
            raise ValueError("expected one line of plain characters")
        return value

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        if self.base_url:
            raise ValueError("a mailbox has no base_url; set host and port")
        if self.security == "none" and not self.allow_private:
            raise ValueError("security: none would send the password in the open; use tls")
        if not self.password.get_secret_value().isprintable():
            raise ValueError("expected a password of one line")
        return self

    def hosts_asked(self) -> tuple[str, ...]:
        """The mail server."""
        return (host_of(f"https://{self.host}"),)
