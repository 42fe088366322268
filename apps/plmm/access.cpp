// Opens what is here and reaches for what is not; see access.h.
#include "apps/plmm/access.h"

#include <algorithm>
#include <utility>

#include "apps/plmm/connected.h"
#include "apps/plmm/own_data.h"
#include "net/client.h"
#include "protocol/ids.h"

namespace plmm::cli {

Result<std::unique_ptr<LedgerAccess>> LedgerAccess::open(const Context& context) {
  std::unique_ptr<LedgerAccess> out(new LedgerAccess());
  const auto& url = context.settings.text("ledger");
  if (url.empty()) {
    out->here_ = TRY(LedgerHere::open(context));
    out->port_ = &out->here_->port();
    return out;
  }
  out->url_ = TRY(net::service_url(url));
  out->key_.emplace(TRY(wallet_key(context)));
  out->remote_ = std::make_unique<api::RemoteLedger>(out->url_, *out->key_, now_ms);
  out->port_ = out->remote_.get();
  return out;
}

Result<LedgerAccess::ForExpert> LedgerAccess::for_expert(const crypto::KeyPair& key) {
  ForExpert out;
  if (here_) {
    const auto holder = protocol::holder_of(key.public_key());
    TRY(here_->cashier().open_expert(holder, kDeveloper, now_ms()));
    out.port_ = &here_->port();
    return out;
  }
  out.remote_ = std::make_unique<api::RemoteLedger>(url_, key, now_ms);
  TRY(out.remote_->open_expert());
  out.port_ = out.remote_.get();
  return out;
}

Result<std::unique_ptr<ExpertAccess>> ExpertAccess::open(const Context& context,
                                                         ExpertModels& models, LedgerAccess& ledger,
                                                         std::string_view name, Askers askers) {
  std::unique_ptr<ExpertAccess> out(new ExpertAccess());
  const auto here = experts_here(context);
  if (std::ranges::find(here, name) != here.end()) {
    out->here_ = TRY(ExpertHere::open(context, models, name, askers));
    auto& local = out->here_->port();
    out->purse_ = TRY(ledger.for_expert(local.library().key()));
    out->outer_ = std::make_unique<expert::PaidExpert>(local, out->purse_.port());
  } else {
    const auto connected = TRY(connected_expert(context, name));
    out->outer_ = std::make_unique<api::RemoteExpert>(
        connected.url, api::ExpertPin{connected.card.name, connected.card.public_key});
  }
  out->port_ = out->outer_.get();
  return out;
}

}  // namespace plmm::cli
